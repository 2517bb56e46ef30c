"""Each formula against exact fractions, with the side that rounding favours."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from l2forge.rules import fees, funding, liquidation, margin, oracle, prices
from l2forge.rules.jit import PRICE_LIMIT, RATE_SCALE

E12 = RATE_SCALE
VALUE = st.integers(0, (1 << 60) - 1)
SIGNED_VALUE = st.integers(-(1 << 60) + 1, (1 << 60) - 1)
SHARE = st.integers(0, E12)
PRICE = st.integers(1, PRICE_LIMIT - 1)
LOTS = st.integers(-(1 << 40) + 1, (1 << 40) - 1)


@st.composite
def tier_tables(draw: st.DrawFn) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """A tier table as the engine lays it out, and its (up_to, initial, maintenance) rows."""
    n = draw(st.integers(1, 5))
    bounds = sorted(draw(st.sets(st.integers(1, 1 << 58), min_size=n - 1, max_size=n - 1)))
    initial = sorted(draw(st.lists(st.integers(2, E12), min_size=n, max_size=n)))
    maintenance = [draw(st.integers(1, max(1, rate - 1))) for rate in initial]
    maintenance.sort()
    rows, table, deductions = [], [], [0, 0]
    for i, up_to in enumerate([*bounds, 1 << 62]):
        rates = (initial[i], maintenance[i])
        rows.append((up_to, *rates))
        table += [up_to, rates[0], deductions[0], rates[1], deductions[1]]
        if i < n - 1:
            above = (initial[i + 1], maintenance[i + 1])
            deductions = [
                margin.next_deduction(d, up_to, a, b)
                for d, a, b in zip(deductions, rates, above, strict=True)
            ]
    return np.array(table, dtype=np.int64), rows


def marginal_sum(notional: int, rows: list[tuple[int, int, int]], column: int) -> Fraction:
    """Tiered margin as an income tax: each slice at its own rate."""
    total, below = Fraction(0), 0
    for row in rows:
        part = min(notional, row[0]) - below
        if part <= 0:
            break
        total += Fraction(part * row[column], E12)
        below = row[0]
    return total


@given(tier_tables(), VALUE)
def test_tiered_margin_is_the_marginal_sum_rounded_up(tables, notional: int) -> None:  # type: ignore[no-untyped-def]
    table, rows = tables
    for column, name in ((1, margin.INITIAL), (2, margin.MAINTENANCE)):
        exact = marginal_sum(notional, rows, column)
        got = margin.tiered_margin(notional, table, 0, name)
        assert exact <= got <= ceil(exact) + len(rows) - 1
        assert got == margin.tiered_margin.py_func(notional, table.tolist(), 0, name)


@given(tier_tables(), VALUE, st.integers(0, 1 << 30))
def test_margin_rises_with_size(tables, notional: int, more: int) -> None:  # type: ignore[no-untyped-def]
    table, _ = tables
    assume(notional + more < 1 << 60)
    low = margin.initial_margin(notional, table, 0, 0)
    assert low <= margin.initial_margin(notional + more, table, 0, 0) + 5
    assert margin.initial_margin(notional, table, 0, E12) >= max(low, notional)


@given(SHARE, st.integers(0, 1 << 55), st.integers(0, 1 << 54), st.integers(1, 1 << 54))
def test_scaled_rate(base: int, interest: int, lower: int, width: int) -> None:
    rate = margin.scaled_rate_e12(base, interest, lower, lower + width)
    exact = base + Fraction((E12 - base) * (min(max(interest, lower), lower + width) - lower), width)
    assert exact <= rate <= exact + 1
    assert base <= rate <= E12 + 1


@given(LOTS, st.integers(-(1 << 61), 1 << 61), st.integers(-(1 << 61), 1 << 61))
def test_funding_rounds_against_the_account(size: int, now: int, settled: int) -> None:
    exact = Fraction(size * (now - settled), 10**6)
    assume(abs(exact) < 1 << 60)
    assert margin.funding_owed(size, now, settled) == ceil(exact)
    both = margin.funding_owed(size, now, settled) + margin.funding_owed(-size, now, settled)
    assert 0 <= both <= 1


@given(SIGNED_VALUE, VALUE, SIGNED_VALUE, VALUE, VALUE, st.booleans())
def test_fill_is_allowed(new: int, initial: int, old: int, mm_old: int, mm_new: int, reduces: bool) -> None:
    allowed = margin.fill_is_allowed(new, initial, reduces, old, mm_old, mm_new)
    if new >= initial:
        assert allowed
    elif not reduces:
        assert not allowed
    elif mm_new == 0:
        assert allowed == (new >= 0)
    elif mm_old > 0:
        assert allowed == (Fraction(new, mm_new) >= Fraction(old, mm_old))


@given(VALUE, SIGNED_VALUE, VALUE, SIGNED_VALUE, VALUE)
def test_what_leaves_is_spare_at_both_prices(
    amount: int, spot: int, spot_initial: int, slow: int, slow_initial: int
) -> None:
    allowed = margin.may_leave(amount, spot, spot_initial, slow, slow_initial)
    assert allowed == (amount <= min(spot - spot_initial, slow - slow_initial))


@given(VALUE, st.integers(-E12, E12))
def test_fee_rounds_against_the_account(notional: int, rate: int) -> None:
    exact = Fraction(notional * rate, E12)
    assert fees.fee(notional, rate) == ceil(exact)


@given(VALUE, SHARE, SHARE)
def test_maker_and_taker_fee_never_sum_below_zero(notional: int, taker: int, rebate: int) -> None:
    assume(rebate <= taker)
    assert fees.fee(notional, taker) + fees.fee(notional, -rebate) >= 0


@given(VALUE, st.integers(0, 1 << 59), st.integers(0, 2_592_000_000))
def test_sliding_volume(previous: int, current: int, elapsed: int) -> None:
    window = 2_592_000_000
    exact = current + Fraction(previous * (window - elapsed), window)
    assert fees.sliding_volume(previous, current, elapsed, window) == floor(exact)


@given(st.integers(-(1 << 56), 1 << 56), PRICE, st.integers(1, 1 << 26))
def test_premium(integral: int, index: int, elapsed: int) -> None:
    exact = max(-1, min(1, Fraction(integral, index * elapsed)))
    assert funding.premium_e12(integral, index, elapsed) == floor(exact * E12)


@given(st.integers(-E12, E12), st.integers(-E12, E12), SHARE, SHARE)
def test_funding_rate(premium: int, interest: int, clamp: int, cap: int) -> None:
    rate = funding.funding_rate_e12(premium, interest, clamp, cap)
    assert -cap <= rate <= cap
    if abs(interest - premium) <= clamp and abs(interest) <= cap:
        assert rate == interest


@given(
    st.integers(-E12, E12),
    st.integers(1, (1 << 42) - 1),
    st.integers(0, 1 << 41),
    st.integers(1_000, 1 << 32),
)
def test_index_change(rate: int, lot_value: int, elapsed: int, interval: int) -> None:
    change = funding.index_change_e6(rate, lot_value, elapsed, interval)
    exact = Fraction(rate * lot_value, 10**6) * elapsed / interval
    if abs(exact) < (1 << 60) - 1:
        slack = Fraction(elapsed, interval) + 1
        assert abs(exact) - slack <= abs(change) <= abs(exact)
    assert abs(change) < 1 << 60
    assert change * rate >= 0


@given(PRICE, SHARE)
def test_band(index: int, band: int) -> None:
    assert prices.band_low(index, band) == max(1, ceil(index - Fraction(index * band, E12)))
    assert prices.band_high(index, band) == floor(index + Fraction(index * band, E12))


@given(PRICE, PRICE, SHARE, st.integers(1, (1 << 31) - 1), st.integers(0, 1 << 40))
def test_step_limit(last: int, new: int, fraction: int, per: int, elapsed: int) -> None:
    spent = min(elapsed, (1 << 31) - 1)
    exact = abs(new - last) * per <= floor(Fraction(last * spent * fraction, E12))
    assert prices.step_is_allowed(last, new, fraction, per, elapsed) == exact
    assert prices.deviates(last, new, fraction) == (
        Fraction(abs(new - last), last) >= Fraction(fraction, E12)
    )


@given(PRICE, PRICE, st.integers(0, 1 << 27), st.integers(1, 1 << 26))
def test_twap_moves_between_and_arrives(old: int, price: int, elapsed: int, window: int) -> None:
    before, target = old << 16, price << 16
    after = prices.twap_after(before, price, elapsed, window)
    assert min(before, target) <= after <= max(before, target)
    if elapsed >= window:
        assert after == target
    else:
        exact = before + Fraction((target - before) * elapsed, window)
        assert after == floor(exact)


@given(
    PRICE, st.integers(0, PRICE_LIMIT - 1), st.integers(0, PRICE_LIMIT - 1), st.integers(0, PRICE_LIMIT - 1)
)
def test_mark_is_a_median(index: int, bid: int, ask: int, last: int) -> None:
    mark = prices.mark_price(index, bid, ask, last)
    if not bid or not ask:
        assert mark == index
    else:
        middle = (bid + ask) // 2
        assert mark == sorted((index, middle, last or middle))[1]


@given(st.integers(1, (1 << 40) - 1), st.integers(1, 1 << 20), SHARE, VALUE, st.integers(0, 1 << 39))
def test_step_lots(size: int, value: int, fraction: int, close_below: int, more: int) -> None:
    assume(size * value < 1 << 60)
    lots = liquidation.step_lots(size, size + more, value, fraction, close_below)
    assert 0 <= lots <= size
    if size * value < close_below:
        assert lots == size
    else:
        assert lots == min(size, ceil(Fraction((size + more) * fraction, E12)))


@given(VALUE, SHARE, SIGNED_VALUE, SIGNED_VALUE, SHARE)
def test_penalty_makes_no_bad_debt_and_splits_exactly(
    notional: int, rate: int, shortfall: int, left: int, share: int
) -> None:
    paid = liquidation.penalty(notional, rate, shortfall, left)
    assert 0 <= paid <= max(0, left)
    assert paid + max(0, shortfall) <= max(Fraction(notional * rate, E12), max(0, shortfall))
    part = liquidation.liquidator_part(paid, share)
    assert part == floor(Fraction(paid * share, E12))
    assert paid - part >= 0


@given(PRICE, SHARE, st.booleans())
def test_liquidation_limit_is_within_the_penalty(index: int, rate: int, closes_long: bool) -> None:
    limit = liquidation.liquidation_limit(index, rate, closes_long)
    if closes_long:
        assert limit == max(1, ceil(index - Fraction(index * rate, E12)))
    else:
        assert limit == floor(index + Fraction(index * rate, E12))


@given(
    st.integers(1, 1 << 30),
    st.integers(-(1 << 55), 1 << 55),
    st.integers(1, 1 << 10),
    st.integers(1, E12 - 1),
    st.sampled_from((1, -1)),
)
def test_liquidation_price(lots: int, cash: int, quote: int, rate: int, sign: int) -> None:
    size = sign * lots
    price = liquidation.liquidation_price(size, cash, quote, rate, 0)
    if (sign * cash >= 0 and sign > 0) or (sign < 0 and cash <= 0):
        assert price == 0
        return
    exact = Fraction(abs(cash) * E12, lots * quote * (E12 - sign * rate))
    worth = lots * quote * (E12 - sign * rate)
    if worth > 10**6 * E12:  # below that the rounding of the divisor dominates
        assert abs(price - exact) <= 1 + exact / 10**5


@given(SIGNED_VALUE, VALUE, VALUE, SIGNED_VALUE)
def test_rank_orders_winners_before_losers(profit: int, cost: int, notional: int, equity: int) -> None:
    rank = liquidation.deleverage_rank(profit, cost, notional, equity)
    assert -(1 << 60) <= rank <= 1 << 60
    assert rank >= 0 if profit >= 0 else rank <= 0
    if 0 < profit < 1 << 50:
        assert liquidation.deleverage_rank(2 * profit, cost, notional, equity) >= rank


@given(st.integers(0, (1 << 58)), st.lists(st.integers(1, 1 << 20), min_size=1, max_size=12))
def test_haircuts_add_up_to_the_deficit(deficit: int, parts: list[int]) -> None:
    left, size = deficit, sum(parts)
    for lots in parts:
        left -= liquidation.haircut(left, lots, size)
        size -= lots
    assert left == 0


@given(st.lists(st.integers(0, 1 << 30), min_size=1, max_size=20), st.data())
def test_pro_rata_parts_add_up(sizes: list[int], data: st.DataObject) -> None:
    total = sum(sizes)
    lots = data.draw(st.integers(0, total))
    wanted, left = lots, total
    for size in sizes:
        if left == 0:
            break
        part = liquidation.pro_rata_lots(wanted, size, left)
        assert 0 <= part <= size
        assert abs(part - Fraction(lots * size, total)) <= len(sizes) + 1
        wanted -= part
        left -= size
    assert wanted == 0


@given(st.lists(st.tuples(PRICE, st.integers(1, 1000)), min_size=1, max_size=32), st.integers(0, 10))
def test_aggregates(reports: list[tuple[int, int]], trim: int) -> None:
    n = len(reports)
    table = np.array([p for p, _ in reports] + [w for _, w in reports], dtype=np.int64)
    oracle.sort_reports(table, 0, n, n)
    ordered = sorted(p for p, _ in reports)
    assert table[:n].tolist() == ordered
    assert (
        oracle.aggregate(table, 0, n, n, oracle.MEDIAN, 0) == (ordered[(n - 1) // 2] + ordered[n // 2]) // 2
    )
    cut = min(trim, (n - 1) // 2)
    kept = ordered[cut : n - cut]
    assert oracle.aggregate(table, 0, n, n, oracle.TRIMMED_MEAN, trim) == sum(kept) // len(kept)
    chosen = oracle.aggregate(table, 0, n, n, oracle.WEIGHTED_MEDIAN, 0)
    below = sum(w for p, w in reports if p < chosen)
    through = sum(w for p, w in reports if p <= chosen)
    total = sum(w for _, w in reports)
    assert 2 * below < total <= 2 * through
    assert oracle.aggregate(table, 0, n, 0, oracle.MEDIAN, 0) == 0
