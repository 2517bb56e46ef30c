"""What trading against the curve costs, and what its backing has to bear; only for venues that have one."""

from __future__ import annotations

from l2forge.compile.explain.facts import Fact, Section
from l2forge.spec.models import Spec
from l2forge.spec.models.markets import Market, MarketAmm
from l2forge.spec.models.trading import Amm
from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings.model import deviation, money, share, volatility
from l2forge.spec.warnings.trading import curve_move
from l2forge.spec.warnings.words import amount, percent

SIZE = 10_000.0


def curve(spec: Spec) -> Section | None:
    """The section about the curve, or None where all trades meet other orders."""
    amm = spec.amm
    if amm is None:
        return None
    facts = [_kind(spec, amm)]
    for market in spec.markets:
        if market.amm is not None:
            facts += [_trade(market, market.amm, amm), _exposure(spec, market, market.amm)]
    facts.append(_backing(spec, amm))
    return Section("curve", "The curve", tuple(facts))


def slippage(amm: Amm, quote: float, depth: float) -> float:
    """Average price against the price before, for a trade at a balanced curve: q/D on x·y = k, q/2D on a"
    " pool."""
    return quote / depth / (2 if amm.curve == "oracle_pool" else 1)


def _kind(spec: Spec, amm: Amm) -> Fact:
    if amm.curve == "oracle_pool":
        text = "the oracle's price plus traders' net exposure over the depth; providers hold the other side"
    else:
        text = f"x · y = k over virtual reserves, moved back once it is {_recenter(amm)} from the oracle"
    if spec.hybrid is not None:
        text += (
            f"; makers have {spec.hybrid.maker_auction.text()} to do better, and the curve fills at most"
            f" {percent(share(spec.hybrid.amm_max_share))} of an order"
        )
    return Fact("kind", "price", text, amm.curve)


def _recenter(amm: Amm) -> str:
    return percent(share(amm.recenter)) if amm.recenter is not None else "far"


def _trade(market: Market, side: MarketAmm, amm: Amm) -> Fact:
    depth = money(side.depth)
    slip, move = slippage(amm, SIZE, depth), curve_move(amm, SIZE, depth)
    text = (
        f"a trade of {amount(SIZE)} slips {percent(slip)} and moves the price by {percent(move)}, at a"
        f" balanced curve;"
        f" beyond {percent(share(amm.max_slippage))} a trade is refused"
    )
    return Fact(f"slippage.{market.symbol}", market.symbol, text, slip, "", "formula")


def _exposure(spec: Spec, market: Market, side: MarketAmm) -> Fact:
    oracle = next(oracle for oracle in spec.oracles if oracle.id == market.oracle)
    move = c.DAILY_MULTIPLE.value * deviation(volatility(market, oracle), c.DAY_S)
    loss = move * money(side.max_net_exposure)
    text = (
        f"at most {amount(money(side.max_net_exposure))}; a day of three deviations ({percent(move)}) against"
        f" it costs"
        f" {amount(loss)}"
    )
    return Fact(f"exposure.{market.symbol}", f"{market.symbol}: net exposure", text, loss, "", "estimate")


def _backing(spec: Spec, amm: Amm) -> Fact:
    value, symbol = money(amm.backing), spec.venue.collateral.symbol
    text = f"{amount(value)} {symbol} pay traders' gains; when they are spent, only reducing trades"
    return Fact("backing", "backing", text, value, symbol)
