"""Signed messages: their hash, attributes, key, nonce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.ledger.layout import (
    ACCOUNT_BITS,
    FILLED,
    FLOOR,
    KEY_BITS,
    KEY_HIGH,
    KEY_LOW,
    MAX_NONCE_BITS,
    NOW,
    ORDER_NONCE,
    SIZE,
    SLOT_BITS,
    Kind,
)
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.expressions import Value
from l2forge.ledger.machine.isa import Hint
from l2forge.stark.field import P

HEADER = ("nonce", "expired_at", "account", "key")
ATTRIBUTES = tuple(f"attribute{k}" for k in range(8))
"""Up to four pairs of type and value, zeros to the end."""

HARMLESS_ATTRIBUTES = (0, 4, 6)
"""None; skip-nonce; self-trade behaviour, which says what happens instead of a fill: no proven fill is
between orders of one account. The others (integrator fees, cancel-all of one market, no trade with any
account of the owner) would change what is owed, closed or filled: a message with one of them is not taken."""

TIME_BITS = 48


@dataclass(frozen=True)
class Header:
    """What every user's message begins with, and where its state is."""

    nonce: Value
    expired_at: Value
    account: Value
    key: Value
    key_leaf: Value
    slot_leaf: Value
    """The leaf of the slot that the nonce falls into."""


def signed_message(
    p: Program, chain_id: int, number: int, fields: Sequence[str | int], attributes: bool
) -> tuple[Header, list[Value | int]]:
    """A message of the type: the hash over header and fields is signed by the account's key.

    A field is an input's name, or a number that the message must have there. Account, key and nonce are in
    their
    bounds, and the nonce is not below the key's floor.
    """
    names: list[str | int] = [chain_id, number, *HEADER, *fields]
    elements: list[Value] = []
    hashed: list[Value] = []
    for start in range(0, len(names), 8):
        block = [
            p.input(name) if isinstance(name, str) else p.fresh(name) for name in names[start : start + 8]
        ]
        elements += block
        hashed.append(_absorb(p, block, hashed))
    header = _header(p, *elements[2:6])
    low = header.key_leaf
    number_of_hash = hashed[-1]
    if attributes:
        number_of_hash = _with_attributes(p, number_of_hash)
    digest = p.digest(number_of_hash, "message hash")
    key = [p.read(low, KEY_LOW + k) for k in range(4)] + [p.read(low, KEY_HIGH)]
    p.signed(digest, key, "signature")
    p.require_at_least(header.nonce, p.read(low, FLOOR), "nonce above the key's floor")
    return header, [*elements[6:]]


def _absorb(p: Program, block: Sequence[Value], before: Sequence[Value]) -> Value:
    return p.sponge(block, "message hash") if not before else p.absorb_next(before[-1], block, "message hash")


def _with_attributes(p: Program, number: Value) -> Value:
    """The number of H(h ‖ H(attributes)), for attributes that leave the rules as they are."""
    digest = p.digest(number, "message hash")
    pairs = [p.input(name) for name in ATTRIBUTES]
    inner = p.digest(p.sponge(pairs, "attributes"), "attributes")
    for kind in pairs[::2]:
        product = kind
        for allowed in HARMLESS_ATTRIBUTES[1:]:
            product = p.fresh(product * (kind - allowed))
        p.require_zero(product, "attribute that is supported")
    return p.sponge([*digest, *inner], "message hash")


def _header(p: Program, nonce: Value, expired_at: Value, account: Value, key: Value) -> Header:
    p.require_below(account, 1 << ACCOUNT_BITS, "account index")
    p.require_below(key, 1 << KEY_BITS, "key index")
    p.require_below(expired_at, 1 << TIME_BITS, "expiry of the message")
    slot = p.advice(Hint.BITS, nonce, k=SLOT_BITS << 6)
    p.require_below(slot, 1 << SLOT_BITS, "slot of the nonce")
    rounds = p.fresh((nonce - slot) * pow(1 << SLOT_BITS, -1, P))
    p.require_below(rounds, 1 << (MAX_NONCE_BITS - SLOT_BITS), "nonce")
    index = p.fresh(account * (1 << KEY_BITS) + key)
    key_leaf = p.leaf(Kind.KEY, index)
    slot_leaf = p.leaf(Kind.ORDER, index * (1 << SLOT_BITS) + slot)
    return Header(nonce, expired_at, account, key, key_leaf, slot_leaf)


def require_unexpired(p: Program, header: Header) -> None:
    """The message's own expiry is ahead: for all but orders, whose fill is what counts and has its rule."""
    now = p.read(p.leaf(Kind.VENUE, 0), NOW)
    p.require_positive(header.expired_at - now - 1, "message not expired")


def take_nonce(p: Program, header: Header) -> None:
    """The nonce is above the last one in its slot, and is used up."""
    before = p.write(header.slot_leaf, ORDER_NONCE, p.fresh(header.nonce + 1))
    p.require_at_least(header.nonce, before, "nonce not used before")


def close_slot(p: Program, slot_leaf: Value) -> None:
    """The message's own slot holds no order: nothing remains to be filled in it."""
    for offset in (FILLED, SIZE):
        p.write(slot_leaf, offset, 0)
