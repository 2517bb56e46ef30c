"""Why a venue refuses a message, in the codes that the exchange's clients know.

Source of numbers and texts: the public API documentation, "Data Structures, Constants and Errors".
"""

from __future__ import annotations

from l2forge.engine import codes as engine
from l2forge.ledger.messages.codes import Code, MessageError

ACCOUNT_NOT_FOUND = Code(21100, "account not found")
API_KEY_NOT_FOUND = Code(21109, "api key not found")
TX_NOT_FOUND = Code(21500, "transaction not found")
TX_TYPE_UNSUPPORTED = Code(21505, "unsupported tx type")
TOO_MANY_PENDING = Code(21506, "too many pending txs. Please try again later")
BELOW_INITIAL_MARGIN = Code(21508, "account is below initial margin, can't execute transaction")
BOOK_IS_FULL = Code(21601, "order book is full")
MARKET_STATUS = Code(21605, "invalid market status")
OPEN_INTEREST = Code(21612, "invalid open interest")
EXPIRY = Code(21711, "invalid expiry")
ORDER_AMOUNT = Code(21706, "invalid order base or quote amount")
NOT_OWNER = Code(21707, "account is not owner of the order")
ORDER_TYPE_UNSUPPORTED = Code(21710, "unsupported order type")
ORDER_NOT_ACTIVE = Code(21715, "given order is not an active order")
TOO_MANY_ORDERS = Code(21717, "maximum active limit order count reached")
CLIENT_ORDER_EXISTS = Code(21728, "client order index already exists")
REDUCE_ONLY_GROWS = Code(21732, "reduce only increases position")
PRICE_TOO_FAR = Code(21734, "limit order price is too far from the mark price")
NOT_ENOUGH_MARGIN = Code(21739, "not enough margin to create the order")
TOO_MANY_REQUESTS = Code(23000, "Too Many Requests!")
INVALID_PARAMETER = Code(20001, "invalid param")
NOT_AUTHORISED = Code(20013, "invalid auth")
UNKNOWN = Code(29500, "internal server error")

_BY_REASON = {
    engine.R_MARKET_UNKNOWN: Code(21602, "invalid market index"),
    engine.R_ACCOUNT_UNKNOWN: ACCOUNT_NOT_FOUND,
    engine.R_ORDER_UNKNOWN: ORDER_NOT_ACTIVE,
    engine.R_ORDER_EXISTS: CLIENT_ORDER_EXISTS,
    engine.R_NOT_OWNER: NOT_OWNER,
    engine.R_NO_ROOM: BOOK_IS_FULL,
    engine.R_EXPIRED: EXPIRY,
    engine.R_MIN_ORDER: ORDER_AMOUNT,
    engine.R_MAX_ORDER: ORDER_AMOUNT,
    engine.R_PRICE_BAND: PRICE_TOO_FAR,
    engine.R_POST_ONLY: Code(21705, "invalid OrderTimeInForce"),
    engine.R_REDUCE_ONLY: REDUCE_ONLY_GROWS,
    engine.R_MARGIN: NOT_ENOUGH_MARGIN,
    engine.R_OPEN_INTEREST: OPEN_INTEREST,
    engine.R_OPEN_ORDERS: TOO_MANY_ORDERS,
    engine.R_STALE: MARKET_STATUS,
    engine.R_NO_PRICE: MARKET_STATUS,
    engine.R_MAX_LAG: MARKET_STATUS,
    engine.R_RANGE: Code(21501, "invalid tx info"),
    engine.R_BALANCE: Code(21117, "withdrawal amount is too high"),
    engine.R_NOT_SUPPORTED: TX_TYPE_UNSUPPORTED,
}

_EXPLANATIONS = {
    engine.R_MIN_ORDER: "the order is worth less than the market's min_order",
    engine.R_MAX_ORDER: "the order is worth more than the market's max_order",
    engine.R_PRICE_BAND: "the price is outside the market's price_band around the index",
    engine.R_POST_ONLY: "a post-only order would have traded at once",
    engine.R_STALE: "the index is too old: only reducing orders are taken",
    engine.R_NO_PRICE: "the market has no price yet",
    engine.R_MAX_LAG: "the proven state is too old: only reducing orders are taken",
    engine.R_MARGIN: "initial margin would not be covered",
    engine.R_EXPIRED: "the order's expiry is past",
}


def refusal_of(reason: int) -> MessageError:
    """The engine's reason as a client's error."""
    code = _BY_REASON.get(reason, UNKNOWN)
    return MessageError(code, "order", _EXPLANATIONS.get(reason, f"the engine's reason {reason}"), remedy="")


def leave_refusal_of(reason: int) -> MessageError:
    """The engine's reason for refusing a withdrawal or transfer as a client's error."""
    if reason == engine.R_MARGIN:
        return MessageError(BELOW_INITIAL_MARGIN, "Amount", "more than the account has to spare")
    return refusal_of(reason)
