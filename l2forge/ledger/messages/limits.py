"""The bounds of values, as the public client has them, and where a venue is narrower.

Source: elliottech/lighter-go, types/txtypes/constants.go. Narrower here, as what the circuit would refuse is
refused at the door: an account index is not negative; nonces and all times fit 48 bits.
"""

from __future__ import annotations

Range = tuple[int, int]

MAX_ACCOUNT = (1 << 48) - 2
MAX_MASTER_ACCOUNT = (1 << 47) - 1
MIN_SUB_ACCOUNT = 1 << 47
MAX_API_KEY = 254
PERPETUAL_MARKETS: Range = (0, 254)
SPOT_MARKETS: Range = (2048, 4094)
ALL_MARKETS = 255
"""The market index that stands for none in particular."""
MAX_ASSET = 62
MAX_AMOUNT = (1 << 60) - 1
MAX_BASE_AMOUNT = (1 << 48) - 1
MAX_PRICE = (1 << 32) - 1
MAX_CLIENT_ORDER_INDEX = (1 << 48) - 1
MAX_ORDER_INDEX = (1 << 60) - 1
MAX_TIME_MS = (1 << 48) - 1
MAX_ORDER_VERSION = (1 << 48) - 1
MAX_NONCE = (1 << 48) - 1
MAX_CHAIN_ID = (1 << 32) - 1
MAX_FEE_E6 = 1_000_000
MAX_FRACTION_E4 = 10_000
MAX_INITIAL_POOL_SHARES = 10**12
MAX_GROUPED_ORDERS = 3

# Order types
LIMIT, MARKET, STOP_LOSS, STOP_LOSS_LIMIT, TAKE_PROFIT, TAKE_PROFIT_LIMIT, TWAP = range(7)
# Times in force
IMMEDIATE_OR_CANCEL, GOOD_TILL_TIME, POST_ONLY = range(3)
# Times of a cancel-all
IMMEDIATE, SCHEDULED, ABORT_SCHEDULED = range(3)
# Groupings of orders
ONE_TRIGGERS_THE_OTHER, ONE_CANCELS_THE_OTHER, ONE_TRIGGERS_A_PAIR = 1, 2, 3
# Self-trade behaviour and equality
EXPIRE_MAKER, EXPIRE_TAKER, EXPIRE_BOTH, REDUCE_BOTH = range(4)
SAME_ACCOUNT, SAME_MASTER_ACCOUNT = range(2)
