"""Six days that perpetual venues remember, as seeded flows that any spec can be put through.

Each scenario keeps the event's course and proportions: prices relative to the start, positions and losses in
the published order of magnitude, time compressed to some minutes. Positions beyond a spec's caps are refused,
and that is part of the answer. `survives` names the figures that show whether a spec came through: what was
lost there is what must not be lost here. Facts are from the sources named; the rest of the market is
generated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from l2forge.compare.flow import form
from l2forge.compare.flow.draws import Anchors
from l2forge.compare.flow.form import MONEY_SCALE as M
from l2forge.compare.flow.form import PRICE_SCALE as ONE
from l2forge.compare.flow.form import Actor, Flow, intent
from l2forge.compare.flow.market import Setting, build, first_extra

Row = tuple[int, ...]

_THIN = Setting(
    n_makers=3,
    level_money=4_000 * M,
    half_spread=800,
    levels=3,
    volatility_e9=300_000,
    takes_per_minute=40,
    chase_money=10_000 * M,
    chase_edge=4_000,
    pull_when=30_000,
)
"""A small token: wide quotes, little depth, nervous prices."""


def _with(flow: Flow, source: str, *survives: str) -> Flow:
    return replace(flow, source=source, survives=survives)


def _spread(times: range, kind: int, actor: int, side: int, money: int) -> list[Row]:
    """The same intent at several times."""
    return [intent(time, kind, actor, side, money=money) for time in times]


def _withdrawals(start: int, actor: int) -> list[Row]:
    return [intent(start + 5_000 * i, form.WITHDRAW, actor) for i in range(8)]


def dydx_yfi_2023(seed: int) -> Flow:
    """17 November 2023: one actor's longs in YFI, gains withdrawn, then −43% and a hole of 9 M$.

    Open interest went from 0.8 M$ to 67 M$ within days while the price rose by 170%; profits were withdrawn
    and lent to new longs; the price fell 43% within hours; 38 M$ were liquidated and the insurance fund paid
    9 M$. Here: three accounts with 4 M$ of margin build up to 12 M$ of longs in a thin market that rises
    170%, withdraw what the rise lets go, and the price falls 43%.
    """
    course = ((0, ONE), (60_000, ONE), (300_000, 27 * ONE // 10), (330_000, 27 * ONE // 10))
    anchors = (*course, (480_000, 154 * ONE // 100))
    setting = replace(_THIN, anchors=anchors, longs_e6=600_000)
    first = first_extra(setting)
    whales = range(first, first + 3)
    rows: list[Row] = []
    for whale in whales:
        rows += _spread(
            range(40_000 + 700 * (whale - first), 300_000, 4_000), form.TAKE, whale, form.BUY, 60_000 * M
        )
        rows += _withdrawals(200_000, whale) + _withdrawals(290_000, whale)
    cast = tuple(Actor(form.ATTACKER, 1_300_000 * M) for _ in whales)
    about = "one actor's longs fill a thin market, the gains are withdrawn, the price falls by 43%"
    return _with(
        build("history/dydx-yfi-2023", seed, setting, about, extra=rows, cast=cast),
        "A. Juliano (dYdX) on X, 18 Nov 2023: open interest 0.8 M$ to 67 M$, insurance paid 9 M$; press: −43%"
        " in hours, 38 M$ liquidated",
        "bad_debt<=0",
        "attacker_profit<=0",
    )


def mango_2022(seed: int) -> Flow:
    """11 October 2022: a long of 483 M MNGO against oneself, the token pumped from 0.038 $ to 0.91 $.

    Two accounts of 5 M$ traded 483 M MNGO perpetuals (18 M$) with each other; some 4 M$ spent on three thin
    spot markets, whose median was the oracle, raised the price 24-fold within 20 minutes; against the paper
    gain 116 M$ were borrowed and withdrawn; the price fell back. Here the same two accounts, the same rise
    in all feeds, withdrawals at the top.
    """
    top = 238 * ONE // 10
    anchors = ((0, ONE), (120_000, ONE), (180_000, 8 * ONE), (240_000, top), (330_000, top), (360_000, ONE))
    setting = replace(_THIN, anchors=anchors, duration=480_000)
    long, short = first_extra(setting), first_extra(setting) + 1
    rows: list[Row] = []
    for i in range(60):
        time = 20_000 + 1_500 * i
        ask = intent(
            time, form.REST, short, form.SELL, price=ONE * 1005 // 1000, money=300_000 * M, count=i + 1
        )
        buy = intent(time + 200, form.TAKE, long, form.BUY, price=ONE * 102 // 100, money=300_000 * M)
        gone = intent(time + 1_200, form.CANCEL, short, count=i + 1)
        rows += [ask, buy, gone]
    rows += _withdrawals(200_000, long) + _withdrawals(245_000, long) + _withdrawals(290_000, long)
    cast = (Actor(form.ATTACKER, 5_000_000 * M), Actor(form.ATTACKER, 5_000_000 * M))
    about = "18 M$ bought from oneself, the price pumped 24-fold, the paper gain withdrawn, the price back"
    return _with(
        build("history/mango-2022", seed, setting, about, extra=rows, cast=cast),
        "Solidus Labs, The Mango Markets Exploit: An Order Book Analysis, 18 Oct 2022; CertiK, Mango Market"
        " Incident Analysis: 0.0382 $ to 0.91 $, 116 M$ taken",
        "attacker_profit<=0",
        "bad_debt<=0",
    )


def gmx_avax_2022(seed: int) -> Flow:
    """18 September 2022: positions of 4 to 5 M$ at the oracle's price, then the oracle's market moved.

    GMX filled any size at the median of reference exchanges with no price impact. Five times someone opened
    4 to 5 M$ in AVAX there, moved the reference market by about a percent for less than that earned, and
    closed: some 565,000 $ from the liquidity pool. Here five rounds: open 4 M$, all feeds up by 1%, close,
    and the feeds come back.
    """
    setting = replace(Setting(), n_leveraged=8, volatility_e9=30_000)
    attacker = first_extra(setting)
    course: list[tuple[int, int]] = [(0, ONE)]
    rows: list[Row] = []
    for i in range(5):
        start = 60_000 + 100_000 * i
        rows += _spread(range(start, start + 8_000, 1_000), form.TAKE, attacker, form.BUY, 500_000 * M)
        course += [
            (start + 10_000, ONE),
            (start + 20_000, 101 * ONE // 100),
            (start + 40_000, 101 * ONE // 100),
        ]
        course.append((start + 55_000, ONE))
        rows += [intent(start + 24_000 + 3_000 * k, form.CLOSE, attacker) for k in range(8)]
    setting = replace(setting, feeds={feed: tuple(course) for feed in range(setting.n_feeds)})
    cast = (Actor(form.ATTACKER, 2_000_000 * M),)
    about = "five times: 4 M$ opened at the oracle's price, the reference markets moved by 1%, closed"
    return _with(
        build("history/gmx-avax-2022", seed, setting, about, extra=rows, cast=cast),
        "PeckShield and J. Lim, 18 Sep 2022, via Cointelegraph: five rounds of 4 to 5 M$, about 565,000 $;"
        " GMX then capped AVAX open interest",
        "attacker_profit<=0",
    )


def hyperliquid_jelly_2025(seed: int) -> Flow:
    """26 March 2025: a short of 4 M$ left to the liquidation vault, then the token squeezed.

    A trader sold 4 M$ of JELLY to himself at 0.0095 $ and took the short's margin away; the price rose more
    than fourfold within the hour, the vault inherited the short, and its loss reached some 12 M$ before the
    market was closed by vote. Here: a 4 M$ short against the trader's own long, margin withdrawn, feeds up
    4.3-fold.
    """
    top = 43 * ONE // 10
    setting = replace(_THIN, anchors=((0, ONE), (150_000, ONE), (420_000, top), (600_000, 39 * ONE // 10)))
    short, long = first_extra(setting), first_extra(setting) + 1
    rows: list[Row] = []
    for i in range(40):
        time = 20_000 + 2_000 * i
        bid = intent(time, form.REST, long, form.BUY, price=ONE * 995 // 1000, money=100_000 * M, count=i + 1)
        sell = intent(time + 200, form.TAKE, short, form.SELL, price=ONE * 98 // 100, money=100_000 * M)
        rows += [bid, sell, intent(time + 1_500, form.CANCEL, long, count=i + 1)]
    rows += _withdrawals(110_000, short)
    rows += [intent(430_000 + 10_000 * k, form.CLOSE, long) for k in range(8)]
    rows += _withdrawals(520_000, long)
    cast = (Actor(form.ATTACKER, 2_000_000 * M), Actor(form.ATTACKER, 2_000_000 * M))
    about = "a 4 M$ short without margin is left to whoever liquidates it, and the price rises 4.3-fold"
    return _with(
        build("history/hyperliquid-jelly-2025", seed, setting, about, extra=rows, cast=cast),
        "Hyperliquid's own account, 27 Mar 2025: self-traded 4 M USDC at 0.0095, price up more than 4x, vault"
        " liquidated the position; Lookonchain: loss near 12 M$",
        "bad_debt<=0",
        "attacker_profit<=0",
    )


def paradex_2026(seed: int) -> Flow:
    """19 January 2026: a restart that lost funding indices, prices of zero, thousands liquidated.

    During a 30-minute maintenance a race in a service restart reset funding indices to zero; markets printed
    0 $; positions were liquidated within seconds; the chain was rolled back to block 1604710 and 650,000 $
    were refunded to some 200 accounts. Here: the venue is restarted from its snapshot (its state hash must
    be the same), and around that every feed reports zero, then a hundredth, then is silent.
    """
    setting = replace(Setting(), silent=tuple((feed, 300_000, 330_000) for feed in range(8)))
    rows: list[Row] = [intent(300_000, form.RESTART), intent(330_000, form.RESTART)]
    for time in range(300_000, 330_000, 500):
        price = 0 if time < 315_000 else ONE // 100 if time < 322_000 else -ONE
        rows += [intent(time, form.REPORT, feed, price=price) for feed in range(setting.n_feeds)]
    about = "a restart in the middle of trading, with prices of zero, a hundredth and below zero for 30 s"
    return _with(
        build(
            "history/paradex-2026",
            seed,
            replace(setting, volatility_e9=20_000, leverage=(3, 10)),
            about,
            extra=rows,
        ),
        "Paradex's post-mortem of 23 Jan 2026 (X, via Cryptopolitan): funding indices reset to zero in a"
        " restart, rollback to block 1604710, 650,000 $ refunded to 200 accounts",
        "liquidated<=0",
        "bad_debt<=0",
        "index_error<=100",
    )


def october_2025(seed: int) -> Flow:
    """10 October 2025: the largest liquidation day so far, with mass deleveraging.

    Within 40 minutes from 20:50 UTC some 7 of 19 G$ of positions were liquidated, 84 to 91% of them longs;
    BTC fell 14.5% from its high (122,574 $ to 104,783 $), SOL 31%, small tokens 70% and more; makers left;
    venues deleveraged winning shorts. Here: many leveraged longs, −31% in seven minutes with makers gone
    while it falls, sellers pressing, a third of it back.
    """
    anchors: Anchors = (
        (0, ONE),
        (150_000, 97 * ONE // 100),
        (330_000, 86 * ONE // 100),
        (420_000, 69 * ONE // 100),
    )
    anchors = (*anchors, (450_000, 69 * ONE // 100), (600_000, 80 * ONE // 100))
    setting = replace(
        Setting(),
        anchors=anchors,
        n_leveraged=60,
        longs_e6=870_000,
        leveraged_deposit=(2_000 * M, 20_000 * M),
    )
    rows = [
        intent(
            200_000 + 3_000 * i,
            form.TAKE,
            setting.n_makers + i % setting.n_takers,
            form.SELL,
            money=20_000 * M,
        )
        for i in range(70)
    ]
    about = "60 leveraged traders, most of them long, and a fall of 31% in minutes with makers gone"
    return _with(
        build("history/october-2025", seed, setting, about, extra=rows),
        "Amberdata, How $3.21B Vanished in 60 Seconds (2025): 6.93 G$ in 40 minutes, 84% longs; CoinShares:"
        " BTC 122,574 $ to 104,783 $, 19 G$ in all",
        "bad_debt<=0",
        "deleveraged<=0",
    )


SCENARIOS: dict[str, Callable[[int], Flow]] = {
    "dydx-yfi-2023": dydx_yfi_2023,
    "mango-2022": mango_2022,
    "gmx-avax-2022": gmx_avax_2022,
    "hyperliquid-jelly-2025": hyperliquid_jelly_2025,
    "paradex-2026": paradex_2026,
    "october-2025": october_2025,
}
