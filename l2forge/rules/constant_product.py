"""Constant product over virtual reserves: x lots, y collateral units, x·y never falls by a trade.

Bounds throughout: 1 ≤ x < 2^31, 1 ≤ y < 2^56, a trade leaves x within them. All rounding is for the pool.
"""

from __future__ import annotations

from l2forge.rules.arith import (
    isqrt_floor,
    mul_div_ceil,
    mul_div_floor,
    mul_div_rem,
    mul_rate_floor,
    product_exceeds,
    product_ge,
)
from l2forge.rules.jit import rule

RESERVE_LOTS_LIMIT = 1 << 31
RESERVE_QUOTE_LIMIT = 1 << 56
_SQUARE_LIMIT = (1 << 62) - 1


@rule
def cost_of_buying(x: int, y: int, lots: int) -> int:
    """⌈y·lots/(x − lots)⌉: what a trader pays for `lots` < x."""
    return mul_div_ceil(y, lots, x - lots)


@rule
def proceeds_of_selling(x: int, y: int, lots: int) -> int:
    """⌊y·lots/(x + lots)⌋: what a trader gets for `lots`."""
    return mul_div_floor(y, lots, x + lots)


@rule
def lots_to_price(x: int, y: int, lot_value: int, buys: bool) -> int:
    """Lots a trader can buy (or sell) until the curve's marginal value of a lot meets lot_value; at least 0.

    The marginal value is y/x, so the reserve ends at x' = √(x·y/lot_value): x − ⌈x'⌉ when buying, ⌊x'⌋ − x
    when
    selling, both short of the price. lot_value ≥ 1. An x' beyond the bounds of the reserve is cut there.
    """
    if product_ge(x, y, _SQUARE_LIMIT, lot_value):
        return 0 if buys else RESERVE_LOTS_LIMIT - 1 - x
    squared, r = mul_div_rem(y, x, lot_value)
    root = isqrt_floor(squared)
    if buys:
        exact = r == 0 and root * root == squared
        return max(0, x - max(1, root if exact else root + 1))
    return max(0, min(root, RESERVE_LOTS_LIMIT - 1) - x)


@rule
def slips_too_far(x: int, y: int, lots: int, quote_amount: int, slippage_e12: int, buys: bool) -> bool:
    """Whether the average price is further than `slippage` from the marginal price before the trade.

    Fair value f = ⌊y·lots/x⌋, allowance ⌊f·s⌋ + 1: buying pays more than f + allowance, or selling gets less
    than f − allowance. The one unit keeps dust-sized trades possible.
    """
    fair = mul_div_floor(y, lots, x)
    allowance = mul_rate_floor(fair, slippage_e12) + 1
    return quote_amount > fair + allowance if buys else quote_amount < fair - allowance


@rule
def recentered_lots(y: int, lot_value: int) -> int:
    """Reserve of lots that puts the marginal price at lot_value with the same y: ⌊y/lot_value⌋, at least
    1.
    """
    return max(1, y // lot_value)


@rule
def unwind_value(x: int, y: int, traders_lots: int) -> int:
    """What traders' net position is worth if closed on the curve: proceeds of a long, −cost of a short.

    A short that the reserve cannot serve (|lots| ≥ x) is priced at the last lot but one: cost y·(x − 1).
    """
    if traders_lots >= 0:
        return proceeds_of_selling(x, y, traders_lots)
    return -cost_of_buying(x, y, min(-traders_lots, x - 1))


@rule
def is_far(x: int, y: int, lot_value: int, fraction_e12: int) -> bool:
    """Whether the curve is at least `fraction` away from lot_value: |y − x·v| ≥ ⌊x·v·fraction⌋.

    Bounds: v < 2^42 and x < 2^31 may exceed 2^60 together; then the curve is far by definition (y < 2^56).
    """
    if product_exceeds(x, lot_value, 1 << 60):
        return True
    fair = x * lot_value
    return abs(y - fair) >= mul_rate_floor(fair, fraction_e12)
