"""The numbers of the binary formats: commands, order flags, events, reasons.

Command kinds up to 127 are the transaction types of the public message format (see the ledger); those from
128 on are the venue's own.
"""

from __future__ import annotations

# -- models, curves, policies ---------------------------------------------------------------------
BOOK, AMM, HYBRID = 0, 1, 2
NO_CURVE, CONSTANT_PRODUCT, ORACLE_POOL = 0, 1, 2
EXPIRE_MAKER, EXPIRE_TAKER, EXPIRE_BOTH = 0, 1, 2

# -- commands -------------------------------------------------------------------------------------
DEPOSIT = 1
TRANSFER = 12
WITHDRAW = 13
CREATE_ORDER = 14
CANCEL_ORDER = 15
CANCEL_ALL = 16
MODIFY_ORDER = 17
MINT_SHARES = 18
BURN_SHARES = 19
UPDATE_LEVERAGE = 20
UPDATE_MARGIN = 29
ORACLE_REPORT = 128
ORACLE_TICK = 129
FUNDING = 130
LIQUIDATE = 131
DELEVERAGE = 132
TRIGGER_ORDER = 133
EXPIRE_ORDER = 134
FUND = 135
COLLECT_FEES = 136
PROVEN = 137
CLOCK = 138

ALL_MARKETS = 255
POOL_ACCOUNT = 0
"""The curve's account: its positions and cash are those of any other, its margin is `backing`."""

FUND_INSURANCE, FUND_BACKING = 0, 1

# -- flags of a command ---------------------------------------------------------------------------
ASK = 1  # bit 0: sells
ORDER_TYPE_SHIFT = 1  # bits 1-3
ORDER_TYPE_MASK = 7
TIME_IN_FORCE_SHIFT = 4  # bits 4-5
TIME_IN_FORCE_MASK = 3
REDUCE_ONLY = 1 << 6
OPERATOR = 1 << 7  # sent by the operator's keeper
INTO_MARKET = 1 << 8  # LIQUIDATE: close on the book or curve, nobody takes the position over
ISOLATED = 1 << 9  # UPDATE_LEVERAGE: isolated margin from now on
AUCTION = 1 << 10  # set by the engine on an order that waits for its maker auction

LIMIT, MARKET, STOP_LOSS, STOP_LOSS_LIMIT, TAKE_PROFIT, TAKE_PROFIT_LIMIT = 0, 1, 2, 3, 4, 5
IMMEDIATE_OR_CANCEL, GOOD_TILL_TIME, POST_ONLY = 0, 1, 2

# -- events ---------------------------------------------------------------------------------------
EV_FILL = 1
EV_RESTED = 2
EV_REMOVED = 3  # an order left without being filled; the reason says why
EV_PARKED = 4  # waits for its trigger or its auction's end
EV_PRICE = 5  # a tick: price, TWAP
EV_FUNDING = 6  # rate, index
EV_LIQUIDATED = 7  # one step: lots, penalty, liquidator's part
EV_DELEVERAGED = 8
EV_BAD_DEBT = 9  # paid by the insurance fund, and what it could not pay
EV_RECENTERED = 10
EV_BALANCE = 11  # cash moved: deposit, withdrawal, transfer, shares

# -- reasons: 0 is acceptance ---------------------------------------------------------------------
OK = 0
R_UNKNOWN_COMMAND = 1
R_CLOCK = 2  # time before the venue's
R_RANGE = 3  # a field out of its bounds
R_MARKET_UNKNOWN = 4
R_ACCOUNT_UNKNOWN = 5
R_ORDER_UNKNOWN = 6
R_ORDER_EXISTS = 7
R_NOT_OWNER = 8
R_NO_ROOM = 9  # orders, pages or accounts are used up
R_EXPIRED = 10
R_MIN_ORDER = 11
R_MAX_ORDER = 12
R_PRICE_BAND = 13
R_POST_ONLY = 14
R_REDUCE_ONLY = 15
R_MARGIN = 16
R_OPEN_INTEREST = 17
R_OPEN_ORDERS = 18
R_STALE = 19  # no fresh price: only reducing orders, or none
R_NO_PRICE = 20
R_MAX_LAG = 21  # unproven state too old: only reducing orders
R_NOT_SUPPORTED = 22  # by this matching model or margin mode
R_SLIPPAGE = 23
R_EXPOSURE = 24  # of the pool
R_BACKING = 25  # spent: only reducing trades
R_LIMIT_PRICE = 26
R_SELF_TRADE = 27
R_NOT_DUE = 28
R_STEP = 29  # the price is too far from the last
R_TOO_FEW_REPORTS = 30
R_OLD_REPORT = 31
R_NOT_LIQUIDATABLE = 32
R_NOT_PERMITTED = 33
R_STEP_INTERVAL = 34
R_NO_POSITION = 35
R_INSURED = 36  # the insurance fund still covers it
R_NOT_BANKRUPT = 37
R_NO_COUNTERPARTY = 38
R_NOT_TRIGGERED = 39
R_NOT_EXPIRED = 40
R_BALANCE = 41
R_IMMEDIATE = 42  # the rest of an immediate order
R_CANCELLED = 43  # by its owner
R_FILL_LIMIT = 44  # a command fills at most MAX_FILLS times
R_POSITION_OPEN = 45  # margin mode changes only without position and orders
R_TRIGGERED = 46  # left the parked list because its moment came

MAX_FILLS = 1024
"""Fills of one command; what is left of the order is then cancelled."""

MAX_EVENTS = 2 * MAX_FILLS + 64
"""Events that one command can cause: each fill, each maker removed, and its own."""
