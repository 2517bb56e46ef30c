"""Every number that an estimate rests on, in one place, with what it is and where it comes from.

Nothing here enters a proof or a contract: these numbers only tell a founder what to expect. `basis` says how
far to trust one: `protocol` is fixed by Ethereum or by this project's formats, `measured` was measured,
`target` is what this project has set itself and still has to show, `model` is an assumption about markets,
`policy` is a threshold that a careful exchange would set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["protocol", "measured", "target", "model", "policy"]


@dataclass(frozen=True)
class Constant:
    """A number with its unit, its standing and its source."""

    value: float
    unit: str
    basis: Basis
    source: str


YEAR_S = 365.25 * 86_400
DAY_S = 86_400.0

# ---------------------------------------------------------------------------------------------- markets

VOLATILITY = {"BTC": 0.60, "ETH": 0.80}
OTHER_VOLATILITY = 1.00
"""Annual volatility where no source states one: round figures of 2020 to 2025, not forecasts."""

GAP_MULTIPLE = Constant(
    10.0,
    "standard deviations",
    "model",
    "with Student-t tails of three degrees (the inverse cubic law of returns: Gopikrishnan, Meyer, Amaral and"
    " Stanley, 1998) a move beyond ten deviations to one side is expected in 0.02% of the windows; clearing"
    " houses margin for at least 99% of them (EU regulation 153/2013, article 24)",
)
TAIL_CONSTANT = Constant(
    0.2122,
    "",
    "model",
    "P(x > a deviations) → 2/(3π·a³) for Student's t with three degrees, scaled to variance one",
)
OPEN_INTEREST_AT_RISK = Constant(
    0.10,
    "of the open interest",
    "model",
    "share taken to stand at its liquidation price when the largest move of a year comes",
)
DAILY_MULTIPLE = Constant(
    3.0,
    "standard deviations",
    "model",
    "a bad day for a pool that holds the other side of a one-sided market",
)

# ----------------------------------------------------------------------------------------------- prover

SIGNED_TRADES_PER_S = Constant(
    75.0,
    "trades/s at blow-up 16 on two cores",
    "measured",
    "benchmarks.ledger, 512 fills between distinct orders, both signatures proven, witness included, grinding"
    " apart: 78; taken as inversely proportional to the blow-up (measured at 32: 44 to 49)",
)
ROWS_PER_TRADE = Constant(3.0, "rows", "protocol", "two signed messages and one fill in the operations table")
SIGNATURES_PER_TRADE = Constant(2.0, "signatures", "protocol", "both orders of a fill")
TRACE_ROWS_PER_SIGNATURE = Constant(
    256.0,
    "rows of the tallest table",
    "target",
    "about 90 rows of the curve's table; hashing of the message and of a changed leaf by four-row"
    " permutations",
)
FIXED_PROVING_S = Constant(
    2.0, "s", "target", "grinding of 24 bits at 100 ns per hash on two cores, and the start of a worker"
)

# -------------------------------------------------------------------------------------------------- L1

GAS_PER_BYTE = Constant(40.0, "gas", "protocol", "floor price of a non-zero byte of calldata (EIP-7623)")
GAS_PER_TRANSACTION = Constant(21_000.0, "gas", "protocol", "intrinsic gas of a transaction")
MAX_TRANSACTION_BYTES = Constant(131_072.0, "bytes", "protocol", "what a node accepts in one transaction")
OPENED_COLUMNS = Constant(480.0, "columns", "target", "budget for the largest venue: an upper bound")
OUT_OF_DOMAIN_POINTS = Constant(2.0, "points", "protocol", "a row and its successor")
BASE_BYTES = Constant(8.0, "bytes", "protocol", "a Goldilocks element, packed")
EXTENSION_BYTES = Constant(24.0, "bytes", "protocol", "an element of the cubic extension, packed")
QUOTIENT_COLUMNS = Constant(
    24.0, "columns", "protocol", "8 chunks of 3 base columns, one quotient for all tables"
)
COMMITTED_TREES = Constant(3.0, "trees", "protocol", "main, interaction, quotient")
LOG_FOLD = Constant(3.0, "bits", "protocol", "FRI folds by 8")
LOG_LAST_LAYER = Constant(6.0, "bits", "target", "degree at which FRI sends coefficients")
LEAF_BYTES = Constant(
    72.0,
    "bytes",
    "target",
    "a changed account published as data: index, cash, two positions, one funding index",
)
STATE_UPDATE_GAS = Constant(
    150_000.0,
    "gas",
    "target",
    "roots, request queue, batch record, event, fact lookups in a batch's last step",
)
CHANGED_LEAVES_PER_TRADE = Constant(
    1.0, "leaves", "model", "one side of most fills is a market maker whose leaf is counted once per batch"
)
COMMITTEE_SIGNATURE_BYTES = Constant(65.0, "bytes", "protocol", "an ECDSA signature with its recovery byte")
COMMITTEE_SIGNATURE_GAS = Constant(
    6_000.0, "gas", "target", "ecrecover (3,000), memory and the check of the member"
)
ETHEREUM_GAS_PER_DAY = Constant(
    60e6 * 7200,
    "gas",
    "model",
    "a block gas limit of 60 million, as raised in late 2025, and a block each 12 s",
)
L1_INCLUSION_BLOCKS = Constant(
    5.0, "blocks", "model", "until a batch's transactions are in L1, one after another"
)

# ---------------------------------------------------------------------------------------------- policy

DAY_OF_GRACE_S = 7 * DAY_S
MIN_CHALLENGE_WINDOW_S = 7 * DAY_S
MAX_FIRST_STAGE = Constant(
    10_000_000.0, "collateral", "policy", "a first week's deposits that a fund could replace"
)
MIN_BOND_SHARE = Constant(0.001, "of the deposits", "policy", "bond against what one wrong batch could take")
MIN_FUNDING_PER_DAY = Constant(
    0.001, "per day", "policy", "less than 3.7% a year does not outweigh holding a standing premium"
)


def all_constants() -> dict[str, Constant]:
    """Every constant by name, for reports."""
    return {name.lower(): value for name, value in globals().items() if isinstance(value, Constant)}
