"""Orders: taking one into its slot, closing one, closing all of a key."""

from __future__ import annotations

from l2forge.ledger.layout import (
    CLIENT_INDEX,
    EXPIRY,
    FILLED,
    FLAGS,
    FLOOR,
    KEY_BITS,
    LIMIT_PRICE,
    MAX_NONCE_BITS,
    ORDER_MARKET,
    ORDER_NONCE,
    SIZE,
    SLOT_BITS,
    Kind,
)
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.expressions import Value
from l2forge.ledger.programs.signed import (
    ATTRIBUTES,
    HEADER,
    TIME_BITS,
    close_slot,
    require_unexpired,
    signed_message,
    take_nonce,
)

CREATE, CANCEL, CANCEL_ALL = 14, 15, 16
ORDER_FIELDS = (
    "market", "client_index", "size", "price", "is_ask", "type", "time_in_force", "reduce_only", 0,
    "order_expiry",
)  # fmt: skip
"""As hashed; a trigger price other than 0 is not taken: the moment of triggering is not proven."""

SIZE_BITS, PRICE_BITS = 48, 32
IMMEDIATE, GOOD_TILL_TIME, POST_ONLY = 0, 1, 2


def message_program(name: str, fields: tuple[str | int, ...], attributes: bool) -> Program:
    """A program whose inputs are those of a signed message."""
    names = [field for field in fields if isinstance(field, str)]
    suffix = "_with_attributes" if attributes else ""
    return Program(name + suffix, (*HEADER, *names, *(ATTRIBUTES if attributes else ())))


def order(chain_id: int, attributes: bool) -> Program:
    """ORDER: a signed order gets its slot, with nothing filled. It moves no money, and rests until it is
    filled.

    Limit and market orders only; an immediate order expires with its message.
    """
    p = message_program("order", ORDER_FIELDS, attributes)
    header, fields = signed_message(p, chain_id, CREATE, ORDER_FIELDS, attributes)
    market, client, size, price, is_ask, kind, force, reduce_only, _, expiry = (p.value(x) for x in fields)
    p.require_below(size, 1 << SIZE_BITS, "order size")
    p.require_below(price, 1 << PRICE_BITS, "order price")
    p.require_below(expiry, 1 << TIME_BITS, "order expiry")
    for flag, what in ((is_ask, "side"), (kind, "limit or market order"), (reduce_only, "reduce-only flag")):
        p.require_bool(flag, what)
    p.require_zero(p.fresh(force * (force - 1)) * (force - 2), "time in force")
    p.require_zero(kind * force, "market orders are immediate")
    flags = p.fresh(p.fresh(is_ask + 2 * force) + p.fresh(8 * reduce_only + 16 * kind))
    none = p.is_zero(expiry, "order expiry")
    ends = p.fresh(expiry + none * header.expired_at)
    take_nonce(p, header)
    words: dict[int, Value | int] = {
        FILLED: 0,
        SIZE: size,
        LIMIT_PRICE: price,
        EXPIRY: ends,
        ORDER_MARKET: market,
        FLAGS: flags,
    }
    words[CLIENT_INDEX] = client
    for offset, word in words.items():
        p.write(header.slot_leaf, offset, word)
    return p


def cancel(chain_id: int, attributes: bool) -> Program:
    """CANCEL: a signed cancel closes an order of the same account, of whichever key.

    It names the order by its client index, or by key·2^48 + nonce, which no client index is (below 2^48; keys
    from 1 on). The order is in its slot already (ORDER). The cancel's own nonce is used up, like any other.
    """
    p = message_program("cancel", ("market", "index"), attributes)
    p.inputs = (*p.inputs, "order_key", "order_slot")
    header, fields = signed_message(p, chain_id, CANCEL, ("market", "index"), attributes)
    require_unexpired(p, header)
    market, index = (p.value(x) for x in fields)
    key, slot = p.input("order_key"), p.input("order_slot")
    p.require_below(key, 1 << KEY_BITS, "key of the order")
    p.require_below(slot, 1 << SLOT_BITS, "slot of the order")
    index_of_key = p.fresh(header.account * (1 << KEY_BITS) + key)
    own = p.leaf(Kind.ORDER, index_of_key * (1 << SLOT_BITS) + slot)
    nonce = p.read(own, ORDER_NONCE)
    p.require_nonzero(nonce, "order in its slot")
    by_client = p.fresh(index - p.read(own, CLIENT_INDEX))
    by_nonce = p.fresh(index - p.fresh(key * (1 << MAX_NONCE_BITS) + nonce - 1))
    p.require_zero(by_client * by_nonce, "cancel names the order")
    p.require_equal(p.read(own, ORDER_MARKET), market, "cancel names the order's market")
    p.write(own, FILLED, p.read(own, SIZE))
    take_nonce(p, header)
    close_slot(p, header.slot_leaf)
    return p


def cancel_all(chain_id: int, attributes: bool) -> Program:
    """CANCEL_ALL: a signed cancel-all, immediate, closes every order of the key up to its own nonce."""
    p = message_program("cancel_all", (0, 0), attributes)
    header, _ = signed_message(p, chain_id, CANCEL_ALL, (0, 0), attributes)
    require_unexpired(p, header)
    p.write(header.key_leaf, FLOOR, p.fresh(header.nonce + 1))
    return p
