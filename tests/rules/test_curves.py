"""Curves: never worse for the pool, consistent between size and price, exact in range."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from hypothesis import assume, given
from hypothesis import strategies as st

from l2forge.rules import constant_product as cp
from l2forge.rules import oracle_pool as op
from l2forge.rules.jit import RATE_SCALE

RESERVE_LOTS = st.integers(2, (1 << 31) - 2)
RESERVE_QUOTE = st.integers(1, (1 << 56) - 1)
LOT_VALUE = st.integers(1, (1 << 42) - 1)
DEPTH = st.integers(1, (1 << 55) - 1)
SHARE = st.integers(0, RATE_SCALE)


@given(RESERVE_LOTS, RESERVE_QUOTE, st.data())
def test_the_product_never_falls(x: int, y: int, data: st.DataObject) -> None:
    lots = data.draw(st.integers(1, x - 1))
    cost = Fraction(y * lots, x - lots)
    assume(cost < 1 << 62)
    paid = cp.cost_of_buying(x, y, lots)
    assert paid == ceil(cost)
    assert (x - lots) * (y + paid) >= x * y
    got = cp.proceeds_of_selling(x, y, lots)
    assert got == floor(Fraction(y * lots, x + lots))
    assert (x + lots) * (y - got) >= x * y
    assert got <= paid


@given(RESERVE_LOTS, RESERVE_QUOTE, st.data())
def test_a_round_trip_never_profits(x: int, y: int, data: st.DataObject) -> None:
    lots = data.draw(st.integers(1, x - 1))
    assume(Fraction(y * lots, x - lots) + y < 1 << 56)
    paid = cp.cost_of_buying(x, y, lots)
    assert cp.proceeds_of_selling(x - lots, y + paid, lots) <= paid


@given(RESERVE_LOTS, RESERVE_QUOTE, LOT_VALUE)
def test_lots_to_price_stop_at_the_price(x: int, y: int, value: int) -> None:
    buy = cp.lots_to_price(x, y, value, True)
    sell = cp.lots_to_price(x, y, value, False)
    assert 0 <= buy < x and 0 <= sell < 1 << 31
    k = x * y
    if buy:  # marginal value after: k/x'² ≤ value
        assert k <= value * (x - buy) ** 2
        if x - buy > 1 and k < ((1 << 62) - 1) * value:
            assert k >= value * (x - buy - 1) ** 2 - value
    if sell:
        assert k >= value * (x + sell) ** 2


@given(RESERVE_LOTS, RESERVE_QUOTE, st.integers(-(1 << 31), 1 << 31))
def test_unwind_is_what_closing_pays(x: int, y: int, traders: int) -> None:
    assume(traders < 0 or x + traders < 1 << 32)
    assume(traders >= 0 or Fraction(y * min(-traders, x - 1), x - min(-traders, x - 1)) < 1 << 62)
    value = cp.unwind_value(x, y, traders)
    assert value >= 0 if traders >= 0 else value <= 0


@given(RESERVE_LOTS, RESERVE_QUOTE, LOT_VALUE, SHARE)
def test_is_far(x: int, y: int, value: int, fraction: int) -> None:
    fair = x * value
    expected = fair > 1 << 60 or abs(y - fair) >= fair * fraction // RATE_SCALE
    assert cp.is_far(x, y, value, fraction) == expected
    assert cp.recentered_lots(y, value) == max(1, y // value)


@given(RESERVE_LOTS, RESERVE_QUOTE, st.integers(1, 1 << 20), SHARE)
def test_slippage_is_measured_from_the_marginal_price(x: int, y: int, lots: int, slippage: int) -> None:
    assume(lots < x)
    cost = cp.cost_of_buying(x, y, lots) if Fraction(y * lots, x - lots) < 1 << 60 else None
    assume(cost is not None)
    fair = y * lots // x
    allowance = fair * slippage // RATE_SCALE + 1
    assert cp.slips_too_far(x, y, lots, cost, slippage, True) == (cost > fair + allowance)
    got = cp.proceeds_of_selling(x, y, lots)
    assert cp.slips_too_far(x, y, lots, got, slippage, False) == (got < fair - allowance)


@given(LOT_VALUE, st.integers(1, (1 << 40) - 1), st.integers(1, 1 << 55), st.data())
def test_pool_prices(value: int, lots: int, more: int, data: st.DataObject) -> None:
    lots = min(lots, ((1 << 54) - 1) // value)
    flat = value * lots
    depth = min(flat + more, (1 << 55) - 1)
    before = data.draw(st.integers(1 - depth + flat, depth - 1 - flat) if 2 * flat < depth else st.just(0))
    cost = op.cost_of_buying(value, lots, before, depth)
    assert cost == ceil(flat + Fraction(flat * (2 * before + flat), 2 * depth))
    got = op.proceeds_of_selling(value, lots, before, depth)
    assert got == floor(flat + Fraction(flat * (2 * before - flat), 2 * depth))
    assert 0 <= got <= cost
    assert op.proceeds_of_selling(value, lots, before + flat, depth) <= cost


@given(LOT_VALUE, DEPTH, LOT_VALUE, st.data())
def test_pool_lots_to_price_do_not_pass_it(value: int, depth: int, target: int, data: st.DataObject) -> None:
    exposure = data.draw(st.integers(1 - depth, depth - 1))
    for buys in (True, False):
        lots = op.lots_to_price(value, exposure, depth, target, buys)
        assert lots >= 0
        if lots:
            after = exposure + (lots if buys else -lots) * value
            marginal = value * (1 + Fraction(after, depth))
            assert marginal <= target if buys else marginal >= target


@given(LOT_VALUE, DEPTH, st.integers(-(1 << 55), 1 << 55))
def test_marginal_value(value: int, depth: int, exposure: int) -> None:
    cut = max(-depth, min(depth, exposure))
    assert op.marginal_value(value, exposure, depth) == floor(value * (1 + Fraction(cut, depth)))


@given(st.integers(1, 1 << 54), st.integers(1, (1 << 56) - 1), st.integers(1, 1 << 56))
def test_shares_never_dilute_the_pool(amount: int, equity: int, shares: int) -> None:
    assume(shares <= 4 * equity)
    minted = op.minted_shares(amount, equity, shares)
    assert minted == amount * shares // equity
    assert op.minted_shares(amount, equity, 0) == amount
    assert op.burned_amount(minted, equity + amount, shares + minted) <= amount
