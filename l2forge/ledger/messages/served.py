"""Which types and attributes no venue serves, each by its number, with the error that a client understands.

The format knows every type (`table`), and any of them hashes and verifies; this says what a venue's door
refuses whatever its spec. What depends on the spec, as shares of a pool do, is the venue's to say.
"""

from __future__ import annotations

from l2forge.ledger.messages import attributes, codes, limits, table
from l2forge.ledger.messages.codes import Code, MessageError
from l2forge.ledger.messages.parse import Message

_BY_L1 = "register the key by an L1 request of the account's owner"
_BY_DEPOSIT = "deposit on L1 to a new account"

REFUSED_TYPES: dict[int, tuple[Code, str]] = {
    # the public message is signed by the new key alone: it would hand any account to anyone
    table.CHANGE_PUBLIC_KEY: (codes.L1_SIGNATURE_FAILED, _BY_L1),
    table.CREATE_SUB_ACCOUNT: (codes.UNSUPPORTED_TX_TYPE, _BY_DEPOSIT),
    table.CREATE_PUBLIC_POOL: (codes.UNSUPPORTED_TX_TYPE, "pools are the venue's own"),
    table.UPDATE_PUBLIC_POOL: (codes.UNSUPPORTED_TX_TYPE, "pools are the venue's own"),
    table.CREATE_GROUPED_ORDERS: (codes.UNSUPPORTED_TX_TYPE, "send the orders one by one"),
    table.STAKE_ASSETS: (codes.UNSUPPORTED_TX_TYPE, "there is no staking"),
    table.UNSTAKE_ASSETS: (codes.UNSUPPORTED_TX_TYPE, "there is no staking"),
    table.UPDATE_ACCOUNT_CONFIG: (codes.UNSUPPORTED_TX_TYPE, "the spec sets the account model"),
    table.UPDATE_ACCOUNT_ASSET_CONFIG: (codes.UNSUPPORTED_TX_TYPE, "the spec sets the collateral"),
    table.APPROVE_INTEGRATOR: (codes.UNSUPPORTED_TX_TYPE, "there are no integrator fees"),
}

REFUSED_ATTRIBUTES: dict[int, str] = {
    attributes.INTEGRATOR_ACCOUNT: "there are no integrator fees",
    attributes.INTEGRATOR_TAKER_FEE: "there are no integrator fees",
    attributes.INTEGRATOR_MAKER_FEE: "there are no integrator fees",
    attributes.CANCEL_ALL_MARKET: "cancel in all markets, or order by order",
    attributes.SELF_TRADE_EQUALITY: "self-trades are those of one account",
    attributes.ORDER_VERSION: "modify by the order's index alone",
}
"""Supported are skip-nonce, and self-trade behaviour where it names what the venue does anyway."""


def refuse_unserved(message: Message, *, self_trade_behavior: int = limits.EXPIRE_MAKER) -> None:
    """Raise `MessageError` for a type or an attribute that no venue serves.

    `self_trade_behavior` is the venue's own (0 the resting order expires, 1 the incoming, 2 both).
    """
    number = message.kind.number
    if number in REFUSED_TYPES:
        code, remedy = REFUSED_TYPES[number]
        raise MessageError(code, "tx_type", f"type {number} is not served", remedy=remedy)
    for attribute, value in message.attributes.items():
        place = f"{attributes.KEY}.{attribute}"
        name = attributes.ATTRIBUTES[attribute].name
        if attribute in REFUSED_ATTRIBUTES:
            reason = f"attribute {attribute} ({name}) is not served"
            raise MessageError(codes.INVALID_TX_INFO, place, reason, remedy=REFUSED_ATTRIBUTES[attribute])
        if attribute == attributes.SELF_TRADE_BEHAVIOR and value != self_trade_behavior:
            reason = f"{name} {value} is not this venue's, {self_trade_behavior}"
            raise MessageError(codes.INVALID_TX_INFO, place, reason, remedy="leave the attribute out")
