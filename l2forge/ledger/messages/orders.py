"""The ten fields of an order, shared by create-order (14) and by the grouped orders of type 28."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from l2forge.ledger.curve.sponge import hash_one
from l2forge.ledger.messages import codes, limits
from l2forge.ledger.messages.codes import MessageError
from l2forge.ledger.messages.fields import Integer, describe
from l2forge.stark.poseidon2 import DIGEST

MARKETS = (limits.PERPETUAL_MARKETS, limits.SPOT_MARKETS)

MARKET_INDEX = Integer("MarketIndex", MARKETS, codes.INVALID_MARKET_INDEX)
BASE_AMOUNT = Integer("BaseAmount", ((0, limits.MAX_BASE_AMOUNT),), codes.INVALID_BASE_AMOUNT)
PRICE = Integer("Price", ((1, limits.MAX_PRICE),), codes.INVALID_PRICE)
TRIGGER_PRICE = Integer("TriggerPrice", ((0, limits.MAX_PRICE),), codes.INVALID_TRIGGER_PRICE)

ORDER_FIELDS = (
    MARKET_INDEX,
    Integer("ClientOrderIndex", ((0, limits.MAX_CLIENT_ORDER_INDEX),), codes.INVALID_CLIENT_ORDER_INDEX),
    BASE_AMOUNT,
    PRICE,
    Integer("IsAsk", ((0, 1),), codes.INVALID_IS_ASK),
    Integer("Type", ((limits.LIMIT, limits.TWAP),), codes.INVALID_ORDER_TYPE),
    Integer(
        "TimeInForce",
        ((limits.IMMEDIATE_OR_CANCEL, limits.POST_ONLY),),
        codes.INVALID_ORDER_TIME_IN_FORCE,
    ),
    Integer("ReduceOnly", ((0, 1),), codes.INVALID_REDUCE_ONLY),
    TRIGGER_PRICE,
    Integer("OrderExpiry", ((0, limits.MAX_TIME_MS),), codes.INVALID_EXPIRY),
)

Order = dict[str, int]


def read_object(raw: Any, fields: tuple[Integer, ...], place: str) -> Order:
    """A JSON object with exactly these integer fields. Raises `MessageError`."""
    if not isinstance(raw, dict):
        raise MessageError(codes.INVALID_TX_INFO, place, f"{describe(raw)} is not an object")
    check_keys(raw, {f.name for f in fields}, {f.name for f in fields}, place)
    return {f.name: f.read(raw[f.name], f"{place}.{f.name}") for f in fields}


def check_keys(raw: dict[str, Any], required: Set[str], known: Set[str], place: str) -> None:
    """Refuse a missing or an unknown key, naming it."""
    if required <= raw.keys() <= known:
        return
    for key in raw:
        if key not in known:
            raise MessageError(
                codes.INVALID_TX_INFO, place, f'unknown key "{key}"', remedy="use the keys of this type only"
            )
    missing = min(required - raw.keys())
    raise MessageError(codes.INVALID_TX_INFO, place, f'key "{missing}" is missing', remedy="sign it again")


@dataclass(frozen=True, slots=True)
class Orders:
    """The one to three orders of a group, hashed into four elements: H(o₁), then H(so far ‖ H(o₂)), …"""

    name: str

    def read(self, raw: Any, place: str) -> tuple[Order, ...]:
        """The checked orders. Raises `MessageError`."""
        if not isinstance(raw, list) or not 1 <= len(raw) <= limits.MAX_GROUPED_ORDERS:
            raise MessageError(
                codes.INVALID_ORDER_GROUP_SIZE,
                place,
                "not a list of 1 … 3 orders",
                remedy="send two or three",
            )
        return tuple(read_object(order, ORDER_FIELDS, f"{place}[{i}]") for i, order in enumerate(raw))

    def elements(self, value: tuple[Order, ...]) -> list[int]:
        """Four elements that stand for the orders in their sequence."""
        hashes = [hash_one([order[f.name] for f in ORDER_FIELDS], DIGEST) for order in value]
        together = hashes[0]
        for later in hashes[1:]:
            together = hash_one([*together, *later], DIGEST)
        return together
