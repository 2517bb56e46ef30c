"""Attributes of a message ("L2TxAttributes"): up to four numbered values that are signed along with it.

A message whose attributes are not all neutral signs H(h ‖ H(t₁, v₁, …, t₄, v₄)) instead of h: the types in
rising order, zeros to the end. An attribute at its neutral value is no part of that, so it would be a second
spelling of the same message: the public signers never write one, and it is refused here.

Source: elliottech/lighter-go, types/txtypes/tx_attributes.go; number 8 as the signer in lighter-sdk 1.1.8
has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from l2forge.ledger.messages import limits
from l2forge.ledger.messages.codes import INVALID_FEE, INVALID_TX_INFO, MessageError
from l2forge.ledger.messages.fields import describe

MAX_ATTRIBUTES = 4
KEY = "L2TxAttributes"

INTEGRATOR_ACCOUNT = 1
INTEGRATOR_TAKER_FEE = 2
INTEGRATOR_MAKER_FEE = 3
SKIP_NONCE = 4
CANCEL_ALL_MARKET = 5
SELF_TRADE_BEHAVIOR = 6
SELF_TRADE_EQUALITY = 7
ORDER_VERSION = 8


@dataclass(frozen=True, slots=True)
class Attribute:
    """One kind: its number, what it says, its bounds, and the neutral value that stands for its absence."""

    number: int
    name: str
    low: int
    high: int
    neutral: int = 0


ATTRIBUTES: dict[int, Attribute] = {
    a.number: a
    for a in (
        Attribute(INTEGRATOR_ACCOUNT, "integrator account", 0, limits.MAX_ACCOUNT),
        Attribute(INTEGRATOR_TAKER_FEE, "integrator taker fee", 0, limits.MAX_FEE_E6),
        Attribute(INTEGRATOR_MAKER_FEE, "integrator maker fee", 0, limits.MAX_FEE_E6),
        Attribute(SKIP_NONCE, "skip nonce", 1, 1),
        Attribute(CANCEL_ALL_MARKET, "cancel-all market", 0, limits.ALL_MARKETS, limits.ALL_MARKETS),
        Attribute(SELF_TRADE_BEHAVIOR, "self-trade behaviour", limits.EXPIRE_MAKER, limits.REDUCE_BOTH),
        Attribute(
            SELF_TRADE_EQUALITY, "self-trade equality", limits.SAME_ACCOUNT, limits.SAME_MASTER_ACCOUNT
        ),
        Attribute(ORDER_VERSION, "order version", 0, limits.MAX_ORDER_VERSION),
    )
}


def read(raw: Any) -> dict[int, int]:
    """Checked attributes by number, rising, from the JSON object or null. Raises `MessageError`."""
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise MessageError(INVALID_TX_INFO, KEY, f"{describe(raw)} is neither an object nor null")
    if len(raw) > MAX_ATTRIBUTES:
        raise MessageError(
            INVALID_TX_INFO, KEY, f"{len(raw)} attributes", remedy=f"use {MAX_ATTRIBUTES} or fewer"
        )
    values = dict(sorted(_read_one(key, value) for key, value in raw.items()))
    _check_together(values)
    return values


def _read_one(key: Any, value: Any) -> tuple[int, int]:
    place = f"{KEY}.{key}"
    attribute = next((a for a in ATTRIBUTES.values() if key in (a.number, str(a.number))), None)
    if attribute is None or isinstance(key, bool):
        raise MessageError(INVALID_TX_INFO, place, "unknown attribute", remedy="use the numbers 1 … 8")
    remedy = f"use an integer of {attribute.low} … {attribute.high}"
    if type(value) is not int or not attribute.low <= value <= attribute.high:
        code = INVALID_FEE if "fee" in attribute.name else INVALID_TX_INFO
        raise MessageError(code, place, f"{describe(value)} is no {attribute.name}", remedy=remedy)
    if value == attribute.neutral:
        raise MessageError(
            INVALID_TX_INFO, place, f"{value} is neutral and not signed", remedy="leave it out"
        )
    return attribute.number, value


def _check_together(values: Mapping[int, int]) -> None:
    """Fees need an integrator and exclude self-trade rules; reducing both is for one account."""
    fees = INTEGRATOR_TAKER_FEE in values or INTEGRATOR_MAKER_FEE in values
    if fees and INTEGRATOR_ACCOUNT not in values:
        raise MessageError(INVALID_FEE, KEY, "integrator fees without an integrator account")
    if fees and (SELF_TRADE_BEHAVIOR in values or SELF_TRADE_EQUALITY in values):
        raise MessageError(INVALID_FEE, KEY, "integrator fees with a self-trade rule")
    reduces = values.get(SELF_TRADE_BEHAVIOR) == limits.REDUCE_BOTH
    if reduces and values.get(SELF_TRADE_EQUALITY) == limits.SAME_MASTER_ACCOUNT:
        raise MessageError(INVALID_TX_INFO, KEY, "reducing both sides is for trades within one account")


def attribute_elements(attributes: Mapping[int, int] | None) -> list[int] | None:
    """The eight elements [t₁, v₁, …, t₄, v₄] of checked attributes, or None when there are none."""
    if not attributes:
        return None
    pairs = [part for number in sorted(attributes) for part in (number, attributes[number])]
    return pairs + [0] * (2 * MAX_ATTRIBUTES - len(pairs))
