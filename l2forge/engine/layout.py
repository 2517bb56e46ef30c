"""Where everything lies in the flat state array: word offsets, and nothing else.

    header | markets | id map | price directories | accounts | orders | price pages | events (scratch)

Sections start at offsets kept in the header; every row is a whole number of words (int64). Slots, accounts
and pages are addressed by number; slot 0 and page 0 mean "none".
"""

from __future__ import annotations

MAGIC = 0x6C32666F72676531  # "l2forge1"

# -- header: configuration ------------------------------------------------------------------------
H_MAGIC = 0
H_MODEL = 1  # BOOK, AMM, HYBRID
H_ACCOUNTING = 2  # 0: a bare book, orders and fills without accounts
H_N_MARKETS = 3
H_N_ACCOUNTS = 4  # capacity
H_N_ORDERS = 5  # capacity
H_N_PAGES = 6  # capacity
H_SELF_TRADE = 7
H_MAX_OPEN_ORDERS = 8
H_THIRD_PARTY = 9
H_MAX_FRACTION = 10  # e12
H_STEP_INTERVAL = 11  # ms
H_CLOSE_BELOW = 12
H_PENALTY = 13  # e12
H_LIQUIDATOR_SHARE = 14  # e12
H_PRO_RATA = 15
H_MAX_LAG = 16  # ms, 0: none
H_CURVE = 17  # NO_CURVE, CONSTANT_PRODUCT, ORACLE_POOL
H_MAX_SLIPPAGE = 18  # e12
H_RECENTER = 19  # e12
H_MAKER_AUCTION = 20  # ms
H_AMM_MAX_SHARE = 21  # e12
H_VALUE_LIMIT = 22  # notional of a market's open interest, and funding owed over it
H_N_FEE_TIERS = 23
H_CROSS_ALLOWED = 24
H_ISOLATED_ALLOWED = 25
H_DEFAULT_ISOLATED = 26
H_LOG_PRICE = 27  # prices are below 2^this
H_EVENT_ROWS = 28
H_EVENT_RESERVE = 29  # free event rows that a command may need

# -- header: section offsets ----------------------------------------------------------------------
H_MARKETS_AT = 32
H_IDS_AT = 33
H_IDS_MASK = 34
H_ACCOUNTS_AT = 36
H_ACCOUNT_WORDS = 37
H_ORDERS_AT = 38
H_PAGES_AT = 39
H_EVENTS_AT = 40
H_FEE_TIERS_AT = 41

# -- header: venue state --------------------------------------------------------------------------
H_NOW = 48  # ms; never runs back
H_SEQUENCE = 49  # accepted commands so far
H_ORDER_COUNTER = 50  # time priority
H_FREE_ORDER = 51  # head of the free list, 0: take H_ORDERS_USED + 1
H_ORDERS_USED = 52
H_ORDERS_LIVE = 53
H_FREE_PAGE = 54
H_PAGES_USED = 55
H_INSURANCE = 56
H_FEE_POOL = 57
H_DEPOSITS = 58
H_WITHDRAWALS = 59
H_SHARES = 60  # LP shares outstanding
H_UNPROVEN_SINCE = 61  # ms, 0: all proven
H_ACCOUNTS_USED = 62  # 1 + highest account index ever opened
H_N_AT_RISK = 63  # accounts in the liquidation queue

# -- header: registers of the command in progress (scratch) ---------------------------------------
C_KIND = 72
C_MARKET = 73
C_FLAGS = 74
C_ACCOUNT = 75
C_ID = 76
C_PRICE = 77
C_SIZE = 78
C_AUX = 79
C_EXPIRY = 80
C_TIME = 81
C_N_EVENTS = 82
C_N_FILLS = 83
C_STOP = 84  # why matching stopped
C_TAKER_FEE = 85
C_MAKER_FEE = 86
C_MARKET_AT = 87  # offset of the market row
C_FORCED = 88  # 1 while a liquidation fills
C_FILLED = 89  # lots filled by this command
C_AMOUNT = 90  # collateral units they changed hands for

# -- header: offsets found for coming commands (scratch, see lookahead.py) -------------------------
LOOKAHEAD = 16  # rows, a power of two
C_AHEAD_ORDER = 96  # the id's map entry, later the order
C_AHEAD_LEVEL = C_AHEAD_ORDER + LOOKAHEAD  # the level at the command's price
HEADER_WORDS = C_AHEAD_LEVEL + LOOKAHEAD

# -- market row -----------------------------------------------------------------------------------
M_QUOTE = 0  # collateral units per tick and lot
M_MIN_ORDER = 1
M_MAX_ORDER = 2
M_BAND = 3  # e12
M_OI_CAP = 4  # collateral units
M_MAKER_FEE = 5  # e12
M_TAKER_FEE = 6
M_FUNDING_INTERVAL = 7  # ms
M_INTEREST = 8  # e12
M_CLAMP = 9
M_CAP = 10
M_DEPTH = 11
M_MAX_EXPOSURE = 12
M_OI_LOWER = 13  # open-interest-scaled margin, 0: none
M_OI_UPPER = 14
M_TIERS_AT = 15  # offset of the tier table
M_AGGREGATE = 16
M_MIN_SOURCES = 17
M_N_SOURCES = 18
M_HEARTBEAT = 19  # ms
M_DEVIATION = 20  # e12
M_MAX_AGE = 21  # ms
M_STEP_FRACTION = 22  # e12, 0: no limit
M_STEP_PER = 23  # ms
M_TWAP_WINDOW = 24  # ms
M_HALT_WHEN_STALE = 25
M_TRIM = 26
M_DIRECTORY_AT = 27  # offset of the page directory and its bitmaps
M_OPEN = 28  # 0: a gap in the market numbers

M_BEST_BID = 32  # ticks, 0: none
M_BEST_ASK = 33  # ticks, PRICE_NONE: none
M_LAST_PRICE = 34
M_INDEX = 35  # ticks, 0: no price yet
M_INDEX_TIME = 36
M_TWAP = 37  # scaled by 2^16
M_FRESH_UNTIL = 38  # ms: while this is not past, enough of the index's own reports are fresh
M_OPEN_INTEREST = 39  # lots, sum of longs
M_OI_LIMIT = 40  # lots: the cap at the index, and the bound that keeps funding in range
M_FUNDING_INDEX = 41  # e6 collateral units per lot
M_FUNDING_TIME = 42
M_FUNDING_LOW = 43  # range of the index while positions were open
M_FUNDING_HIGH = 44
M_FUNDING_CLEARING = 45  # paid by those who settled, not yet received by those who did not
M_PREMIUM_SUM = 46  # ∫(last fill − index)dt of this interval, ticks·ms
M_PREMIUM_TIME = 47
M_RESERVE_LOTS = 48
M_RESERVE_QUOTE = 49
M_PARKED = 50  # head of the list of parked orders
M_FUNDING_RATE = 51  # e12 per interval, accruing now
M_ADL_TARGET = 52
M_ADL_CURSOR = 53
M_REPORTS_AT = 54  # offset of the source table
M_RATE_SINCE = 55  # ms: when the rate now accruing was set
M_BAND_LOW = 56  # ticks, derived from the index
M_BAND_HIGH = 57
MARKET_WORDS = 64

# -- a source of a market: weight, last report, its time; and room to sort ------------------------
S_WEIGHT = 0
S_PRICE = 1
S_TIME = 2
SOURCE_WORDS = 3

# -- account row: header, then one position per market --------------------------------------------
A_OPEN = 0  # 1 once the account exists
A_CASH = 1
A_ORDERS = 2  # head of the account's order list
A_N_ORDERS = 3
A_SHARES = 4
A_VOLUME_EPOCH = 5
A_VOLUME_LAST = 6
A_VOLUME_NOW = 7
ACCOUNT_WORDS = 8

P_SIZE = 0  # lots, signed
P_COST = 1  # collateral units paid for the position, signed
P_FUNDING = 2  # funding index when last settled
P_MODE = 3  # 1 isolated
P_CASH = 4  # isolated cash
P_LEAST_RATE = 5  # e12: the account's own initial rate, 0 for the market's
P_BIDS = 6  # lots of resting buy orders that could grow the position
P_ASKS = 7
P_AT_RISK = 8  # 1 while its bucket is below maintenance
P_RISK_BASE = 9  # |size| when it fell below
P_RISK_TIME = 10  # ms of the last liquidation step, -1: none yet
POSITION_WORDS = 12

# -- order row: one cache line --------------------------------------------------------------------
O_LOTS = 0  # remaining
O_ID = 1  # 63 bits; in the free list: the next free slot
O_OWNER = 2  # account << 32 | market << 16 | flags
O_PRICES = 3  # trigger << 32 | limit
O_LINKS = 4  # next << 32 | previous, within the level or the parked list
O_ACCOUNT_LINKS = 5  # next << 32 | previous, within the account
O_COUNTER = 6  # time priority
O_EXPIRY = 7  # ms, 0: none; for a parked auction order its end
ORDER_WORDS = 8

# -- price page: 4096 ticks -----------------------------------------------------------------------
LOG_PAGE = 12
PAGE_SUMMARY = 64  # after 64 words of tick bits: which of them are not zero
PAGE_NUMBER = 65  # its number in the directory; in the free list: the next free page
PAGE_LEVELS = 72
LEVEL_WORDS = 2  # head << 32 | tail; total lots
PAGE_WORDS = PAGE_LEVELS + LEVEL_WORDS * (1 << LOG_PAGE)
PRICE_NONE = 1 << 30

LOW32 = (1 << 32) - 1

# -- event row ------------------------------------------------------------------------------------
E_KIND = 0  # kind | market << 8 | flags << 16 | reason << 32
E_SEQUENCE = 1
E_ACCOUNT = 2  # of a fill: the maker
E_ID = 3
E_PRICE = 4
E_SIZE = 5
E_OTHER_ACCOUNT = 6  # of a fill: the taker
E_OTHER_ID = 7
E_FEE = 8  # the account's, negative: a rebate
E_OTHER_FEE = 9
E_AMOUNT = 10  # collateral units that changed hands
E_TIME = 11
EVENT_WORDS = 12
