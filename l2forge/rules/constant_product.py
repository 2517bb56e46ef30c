"""Constant product over virtual reserves: x lots, y collateral units, x·y never falls by a trade.

Bounds throughout: 1 ≤ x < 2^31, 1 ≤ y < 2^56, a trade leaves x within them. All rounding is for the pool.
"""

from __future__ import annotations

from l2forge.rules.arith import isqrt_floor, mul_div_ceil, mul_div_floor, product_exceeds, product_ge
from l2forge.rules.jit import RATE_SCALE, rule

RESERVE_LOTS_LIMIT = 1 << 31
RESERVE_QUOTE_LIMIT = 1 << 56


@rule
def cost_of_buying(x, y, lots):
    """⌈y·lots/(x − lots)⌉: what a trader pays for `lots` < x."""
    return mul_div_ceil(y, lots, x - lots)


@rule
def proceeds_of_selling(x, y, lots):
    """⌊y·lots/(x + lots)⌋: what a trader gets for `lots`."""
    return mul_div_floor(y, lots, x + lots)


@rule
def lots_to_price(x, y, lot_value):
    """Signed lots a trader can buy (+) or must sell (−) until the curve's marginal price meets lot_value.

    The marginal value of a lot is y/x, so the reserve ends at x' = √(x·y/lot_value); x − ⌈x'⌉ when buying,
    −(⌈x'⌉ − x) when selling. lot_value = price·quote ≥ 1. Results where x' leaves the bounds are cut there.
    """
    squared = RESERVE_LOTS_LIMIT * RESERVE_LOTS_LIMIT - 1
    if not product_exceeds_wide(x, y, lot_value):
        squared = mul_div_ceil(y, x, lot_value)
    root = isqrt_floor(squared)
    if root * root < squared:
        root += 1
    return x - max(1, min(root, RESERVE_LOTS_LIMIT - 1))


@rule
def product_exceeds_wide(x, y, lot_value):
    """Whether x·y/lot_value ≥ 2^62, where the reserve for that price would leave its bounds."""
    return product_ge(x, y, (1 << 62) - 1, lot_value)


@rule
def slips_too_far(x, y, lots, quote_amount, slippage_e12, buys):
    """Whether the average price is further than `slippage` from the marginal price before the trade.

    Buying: quote·x·10^12 > y·lots·(10^12 + s); the right side is rounded down, the left exact in 10^-0 units.
    """
    fair = mul_div_floor(y, lots, x)
    if buys:
        return quote_amount > fair + mul_div_floor(fair, slippage_e12, RATE_SCALE) + 1
    return quote_amount + 1 < fair - mul_div_floor(fair, slippage_e12, RATE_SCALE)


@rule
def recentered_lots(y, lot_value):
    """Reserve of lots that puts the marginal price at lot_value with the same y: ⌊y/lot_value⌋, at least 1."""
    return max(1, y // lot_value)


@rule
def unwind_value(x, y, traders_lots):
    """What traders' net position is worth if closed on the curve: proceeds of a long, −cost of a short.

    A short that the reserve cannot serve (|lots| ≥ x) is priced at the last lot but one: cost y·(x − 1).
    """
    if traders_lots >= 0:
        return proceeds_of_selling(x, y, traders_lots)
    return -cost_of_buying(x, y, min(-traders_lots, x - 1))


@rule
def is_far(x, y, lot_value, fraction_e12):
    """Whether the curve is at least `fraction` away from lot_value: |y − x·v| ≥ x·v·fraction; x·v < 2^60."""
    fair = x * lot_value
    return not product_exceeds(fair, 1, 1 << 60) and abs(y - fair) >= mul_div_floor(
        fair, fraction_e12, RATE_SCALE
    )
