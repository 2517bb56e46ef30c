"""Error codes of the exchange's API, with the texts that its clients know.

Source: the public API documentation, "Data Structures, Constants and Errors". A refusal by a venue answers
{"code": number, "message": text}, so that a client of the exchange reacts as it is used to.
"""

from __future__ import annotations

from typing import NamedTuple

from l2forge.errors import InputError


class Code(NamedTuple):
    """A published error: its number and its text."""

    number: int
    text: str


INVALID_ACCOUNT_INDEX = Code(21102, "invalid account index")
INVALID_NONCE = Code(21104, "invalid nonce")
INVALID_TO_ACCOUNT = Code(21106, "invalid ToAccount")
INVALID_PUBLIC_KEY = Code(21108, "invalid PublicKey,please run changePubKey")
INVALID_API_KEY_INDEX = Code(21110, "invalid api key index")
INVALID_INITIAL_MARGIN_FRACTION = Code(21113, "invalid initial margin fraction")
WITHDRAWAL_AMOUNT_TOO_LOW = Code(21116, "withdrawal amount is too small")
WITHDRAWAL_AMOUNT_TOO_HIGH = Code(21117, "withdrawal amount is too high")
TRANSFER_AMOUNT_TOO_LOW = Code(21118, "transfer amount is too small")
TRANSFER_AMOUNT_TOO_HIGH = Code(21119, "transfer amount is too high")
INVALID_SIGNATURE = Code(21120, "invalid signature")
INVALID_ROUTE_TYPE = Code(21124, "invalid route type")
INVALID_FEE = Code(21134, "invalid fee")
INVALID_PUBLIC_POOL_INDEX = Code(21200, "invalid public pool index")
INVALID_OPERATOR_FEE = Code(21201, "invalid operator fee")
INVALID_PUBLIC_POOL_STATUS = Code(21202, "invalid public pool status")
INVALID_POOL_INITIAL_SHARES = Code(21204, "invalid pool initial usdc amount")
INVALID_MIN_OPERATOR_SHARE_RATE = Code(21205, "invalid min operator share rate")
INVALID_MINT_SHARE_AMOUNT = Code(21209, "invalid mint share amount")
INVALID_BURN_SHARE_AMOUNT = Code(21210, "invalid burn share amount")
INVALID_TX_INFO = Code(21501, "invalid tx info")
L1_SIGNATURE_FAILED = Code(21504, "fail to l1 signature")
UNSUPPORTED_TX_TYPE = Code(21505, "unsupported tx type")
INVALID_MARKET_INDEX = Code(21602, "invalid market index")
INVALID_MARGIN_MODE = Code(21613, "invalid margin mode")
INVALID_UPDATE_MARGIN_DIRECTION = Code(21615, "invalid update margin direction")
INVALID_ORDER_INDEX = Code(21700, "invalid order index")
INVALID_BASE_AMOUNT = Code(21701, "invalid base amount")
INVALID_PRICE = Code(21702, "invalid price")
INVALID_IS_ASK = Code(21703, "invalid isAsk")
INVALID_ORDER_TYPE = Code(21704, "invalid OrderType")
INVALID_ORDER_TIME_IN_FORCE = Code(21705, "invalid OrderTimeInForce")
INVALID_EXPIRY = Code(21711, "invalid expiry")
INVALID_CANCEL_ALL_TIME_IN_FORCE = Code(21713, "invalid cancel all time in force")
INVALID_CANCEL_ALL_TIME = Code(21714, "invalid cancel all time")
INVALID_CLIENT_ORDER_INDEX = Code(21727, "invalid client order index")
INVALID_TRIGGER_PRICE = Code(21729, "invalid order trigger price")
INVALID_REDUCE_ONLY = Code(21740, "invalid reduce only mode")
INVALID_GROUPING_TYPE = Code(21741, "invalid grouping type")
INVALID_ORDER_GROUP_SIZE = Code(21742, "invalid order group size")
INVALID_ASSET_INDEX = Code(21801, "invalid asset index")
INVALID_ASSET_MARGIN_MODE = Code(21802, "invalid asset margin mode")


class MessageError(InputError):
    """A message that is refused: the client's error code, the place in the message, the reason, a remedy."""

    def __init__(self, code: Code, place: str, reason: str, *, remedy: str = "sign a valid message") -> None:
        super().__init__(f"{place}: {reason}", remedy=remedy)
        self.code = code
        self.place = place
        self.reason = reason
