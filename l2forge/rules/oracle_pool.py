"""Oracle-priced pool: the index plus an impact that grows with traders' net exposure.

With P = index·quote the value of a lot, e the traders' net exposure (lots·P, signed) and D the depth, the
marginal value of a lot is P·(1 + e/D); a trade from e₀ to e₁ pays the average: P·lots·(1 + (e₀ + e₁)/2D).
Bounds: |e₀|, |e₁| < D ≤ 2^55, so prices stay positive. All rounding is for the pool.
"""

from __future__ import annotations

from l2forge.rules.arith import clamp, mul_div_ceil, mul_div_floor, mul_rate_floor
from l2forge.rules.jit import rule


@rule
def cost_of_buying(lot_value: int, lots: int, exposure: int, depth: int) -> int:
    """⌈P·lots·(1 + (2e + P·lots)/2D)⌉ for a trader that buys `lots`; e is the exposure before."""
    flat = lot_value * lots
    skew = 2 * exposure + flat
    if skew >= 0:
        return flat + mul_div_ceil(flat, skew, 2 * depth)
    return flat - mul_div_floor(flat, -skew, 2 * depth)


@rule
def proceeds_of_selling(lot_value: int, lots: int, exposure: int, depth: int) -> int:
    """⌊P·lots·(1 + (2e − P·lots)/2D)⌋ for a trader that sells `lots`; e is the exposure before."""
    flat = lot_value * lots
    skew = 2 * exposure - flat
    if skew >= 0:
        return flat + mul_div_floor(flat, skew, 2 * depth)
    return flat - mul_div_ceil(flat, -skew, 2 * depth)


@rule
def lots_to_price(lot_value: int, exposure: int, depth: int, target_value: int, buys: bool) -> int:
    """Lots a trader can buy (or sell) until the marginal value meets target_value; at least 0.

    e' = D·(target − P)/P, cut to ±(D − 1); lots = ⌊|e' − e|/P⌋ on the trader's side: the price is not passed.
    """
    gap = target_value - lot_value
    if gap >= 0:
        end = mul_div_floor(depth, min(gap, lot_value), lot_value)
    else:
        end = -mul_div_ceil(depth, min(-gap, lot_value), lot_value)
    end = clamp(end, 1 - depth, depth - 1)
    distance = end - exposure if buys else exposure - end
    return max(0, distance) // lot_value


@rule
def slips_too_far(
    lot_value: int, lots: int, exposure: int, depth: int, quote_amount: int, slippage_e12: int
) -> bool:
    """Whether |average − marginal price before| exceeds `slippage`: allowance ⌊lots·marginal·s⌋ + 1."""
    fair = lots * marginal_value(lot_value, exposure, depth)
    return abs(quote_amount - fair) > mul_rate_floor(fair, slippage_e12) + 1


@rule
def marginal_value(lot_value: int, exposure: int, depth: int) -> int:
    """P·(1 + e/D) rounded down, for the funding premium."""
    if exposure >= 0:
        return lot_value + mul_div_floor(lot_value, min(exposure, depth), depth)
    return lot_value - mul_div_ceil(lot_value, min(-exposure, depth), depth)


@rule
def minted_shares(amount: int, pool_equity: int, n_shares: int) -> int:
    """Shares for a deposit: ⌊amount·shares/equity⌋; the first deposit gets one share per unit."""
    if n_shares == 0:
        return amount
    return mul_div_floor(n_shares, amount, pool_equity)


@rule
def burned_amount(shares: int, pool_equity: int, n_shares: int) -> int:
    """Collateral for shares: ⌊shares·equity/total⌋, for a positive equity below 2^56."""
    return mul_div_floor(pool_equity, shares, n_shares)
