"""Flows under stress: a flash crash, an oracle attack, and the default, which has a bit of everything."""

from __future__ import annotations

from dataclasses import replace

from l2forge.compare.flow import form
from l2forge.compare.flow.form import MONEY_SCALE as M
from l2forge.compare.flow.form import PART_SCALE, PRICE_SCALE, Actor, Flow, intent
from l2forge.compare.flow.market import Setting, build, first_extra

ATTACK_LADDER = (5_000, 10_000, 20_000, 30_000, 50_000, 80_000)
"""How far below the price the attacker's bids wait for others' liquidations (10^-6)."""


def calm(seed: int) -> Flow:
    """Ten minutes in which nothing happens but trading."""
    return build("calm", seed, Setting(), "ten quiet minutes: makers, takers, informed and leveraged traders")


def crash_anchors(start: int, drop_e9: int) -> tuple[tuple[int, int], ...]:
    """Down by `drop_e9` within 90 s of `start`, most of the way back within two minutes."""
    low = PRICE_SCALE - drop_e9
    return (
        (0, PRICE_SCALE),
        (start, PRICE_SCALE),
        (start + 90_000, low),
        (start + 120_000, low),
        (start + 240_000, PRICE_SCALE - drop_e9 // 4),
    )


def flash_crash(seed: int) -> Flow:
    """−15% within 90 seconds; makers leave while it falls; sellers press; most of it comes back."""
    setting = Setting(anchors=crash_anchors(240_000, 150_000_000))
    panic = [
        intent(
            240_000 + 3_000 * i,
            form.TAKE,
            setting.n_makers + i % setting.n_takers,
            form.SELL,
            money=25_000 * M,
        )
        for i in range(30)
    ]
    about = "ten minutes with a flash crash of 15% in 90 seconds, most of it undone two minutes later"
    return build("flash-crash", seed, setting, about, extra=panic)


def attack_intents(
    setting: Setting, start: int, hold: int, money: int, withdraws: bool = True
) -> list[tuple[int, ...]]:
    """What the attacker does around a false fall of the index.

    1. Before: sells (a short against whoever takes it), and rests bids below for others' liquidations.
    2. While the index is false: takes out what margin lets go, closes the short at the false price.
    3. After: closes what the bids brought, takes out the rest.
    """
    seller = first_extra(setting)
    bidder = seller + 1
    rows = []
    for i in range(5):
        rows.append(intent(start - 20_000 + 3_000 * i, form.TAKE, seller, form.SELL, money=money // 5))
    for i, depth in enumerate(ATTACK_LADDER):
        price = PRICE_SCALE * (PART_SCALE - depth) // PART_SCALE
        part = money // len(ATTACK_LADDER)
        rows.append(intent(start - 1_000, form.REST, bidder, form.BUY, price=price, money=part, count=i + 1))
    end = start + hold
    for k in range(3):
        rows.append(intent(end - 9_000 + 3_000 * k, form.CLOSE, seller))
        if withdraws:
            rows.append(intent(end - 8_000 + 3_000 * k, form.WITHDRAW, seller))
    rows += [intent(end, form.CANCEL, bidder, count=i + 1) for i in range(len(ATTACK_LADDER))]
    for k in range(6):
        rows.append(intent(end + 20_000 + 5_000 * k, form.CLOSE, bidder))
        rows.append(intent(end + 21_000 + 5_000 * k, form.CLOSE, seller))
    rows += [intent(end + 55_000, form.WITHDRAW, who) for who in (seller, bidder)]
    return rows


def oracle_attack(
    seed: int,
    n_moved: int = 1,
    move_e9: int = 200_000_000,
    hold: int = 20_000,
    money: int = 500_000 * M,
    withdraws: bool = True,
) -> Flow:
    """The cheapest `n_moved` feeds are pushed down by `move_e9` within 3 s and held there for `hold` ms."""
    start = 90_000
    course = (
        (0, PRICE_SCALE),
        (start, PRICE_SCALE),
        (start + 3_000, PRICE_SCALE - move_e9),
        (start + hold, PRICE_SCALE - move_e9),
        (start + hold + 3_000, PRICE_SCALE),
    )
    setting = Setting(duration=start + hold + 60_000, feeds=dict.fromkeys(range(n_moved), course))
    setting = replace(setting, volatility_e9=20_000, leverage=(6, 18), longs_e6=900_000)
    rows = attack_intents(setting, start, hold, money, withdraws)
    about = (
        f"an attacker pushes {n_moved} of {setting.n_feeds} feeds down by {move_e9 / 1e7:g}% for"
        f" {hold / 1000:g} s, short before, bidding below for others' liquidations"
    )
    cast = (Actor(form.ATTACKER, 200_000 * M), Actor(form.ATTACKER, 200_000 * M))
    return build("oracle-attack", seed, setting, about, extra=rows, cast=cast)


def mixed(seed: int) -> Flow:
    """The default: trading, an attack on one feed, then a flash crash."""
    start, hold = 150_000, 20_000
    course = (
        (0, PRICE_SCALE),
        (start, PRICE_SCALE),
        (start + 3_000, 8 * PRICE_SCALE // 10),
        (start + hold, 8 * PRICE_SCALE // 10),
        (start + hold + 3_000, PRICE_SCALE),
    )
    setting = Setting(anchors=crash_anchors(330_000, 120_000_000), feeds={0: course})
    rows = attack_intents(setting, start, hold, 300_000 * M)
    rows += [
        intent(
            330_000 + 4_000 * i,
            form.TAKE,
            setting.n_makers + i % setting.n_takers,
            form.SELL,
            money=25_000 * M,
        )
        for i in range(20)
    ]
    about = (
        "ten minutes: trading, one feed of eight pushed down by 20% for 20 s by an attacker, then a flash"
        " crash of 12% and its recovery"
    )
    cast = (Actor(form.ATTACKER, 200_000 * M), Actor(form.ATTACKER, 200_000 * M))
    return build("mixed", seed, setting, about, extra=rows, cast=cast)
