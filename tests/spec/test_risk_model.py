"""The estimates behind the warnings, against slow and obvious calculations."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from l2forge.spec.models.oracles import Oracle
from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings import model, prices, words


def oracle_with(aggregate: str, quorum: int, n: int, **keys: object) -> Oracle:
    """An oracle of `n` sources."""
    weights = keys.pop("weights", [None] * n)
    source = {"kind": "simulated", "start": "1", "volatility": "60%", "seed": 1}
    assert isinstance(weights, list)
    sources = [
        {**source, "name": f"s-{i}", "signer": f"dev:{i}"} | ({"weight": w} if w else {})
        for i, w in enumerate(weights)
    ]
    return Oracle.model_validate(
        {
            "id": "x",
            "aggregate": aggregate,
            "min_sources": quorum,
            "heartbeat": "5s",
            "deviation": "1%",
            "max_age": "10s",
            "max_step": {"fraction": "5%", "per": "15s"},
            "twap": "30s",
            "sources": sources,
            **keys,
        }
    )


def cheapest_coalition(oracle: Oracle) -> int:
    """By trying: the smallest coalition that can move the aggregate of some quorum down or up."""
    n, quorum = len(oracle.sources), oracle.min_sources
    weights = [source.weight or 1 for source in oracle.sources]
    for size in range(1, quorum + 1):
        for liars in combinations(range(n), size):
            honest = [i for i in range(n) if i not in liars]
            for others in combinations(honest, quorum - size):
                for lie in (0, 200):
                    reports = sorted([(lie, weights[i]) for i in liars] + [(100, weights[i]) for i in others])
                    if _aggregate(oracle, reports) != 100:
                        return size
    return quorum


def _aggregate(oracle: Oracle, reports: list[tuple[int, int]]) -> float:
    if oracle.aggregate == "median":
        return (reports[(len(reports) - 1) // 2][0] + reports[len(reports) // 2][0]) / 2
    if oracle.aggregate == "trimmed_mean":
        trim = oracle.trim or 0
        kept = [price for price, _ in reports[trim : len(reports) - trim]]
        return sum(kept) / len(kept)
    total, half = 0, sum(weight for _, weight in reports)
    for price, weight in reports:
        total += weight
        if 2 * total >= half:
            return price
    raise AssertionError


@pytest.mark.parametrize(
    "oracle",
    [oracle_with("median", q, n) for n in range(1, 7) for q in range(1, n + 1)]
    + [oracle_with("trimmed_mean", q, 6, trim=t) for q, t in ((3, 1), (5, 2), (5, 1), (6, 2))]
    + [
        oracle_with("weighted_median", q, len(w), weights=w)
        for w in ([3, 2, 2, 1, 1], [1, 1, 1], [10, 1, 1, 1], [2, 2, 1, 1])
        for q in range(1, len(w) + 1)
    ],
)
def test_sources_to_move_agrees_with_trying(oracle: Oracle) -> None:
    assert prices.sources_to_move(oracle) == cheapest_coalition(oracle)


def test_the_tail_is_that_of_a_student_t() -> None:
    """The tail constant against numerical integration of the density of t₃ scaled to variance one."""
    far, steps = 10.0, 200_000

    def density(x: float) -> float:
        t = x * math.sqrt(3)
        return math.sqrt(3) * 2 / (math.pi * math.sqrt(3) * (1 + t * t / 3) ** 2)

    width = (1000.0 - far) / steps
    tail = sum(density(far + (i + 0.5) * width) for i in range(steps)) * width
    assert tail == pytest.approx(c.TAIL_CONSTANT.value / far**3, rel=0.02)


def test_gaps_grow_with_the_square_root_of_time() -> None:
    assert model.plausible_gap(0.6, 40.0) == pytest.approx(2 * model.plausible_gap(0.6, 10.0))
    assert model.yearly_gap(0.6, 60.0) > model.plausible_gap(0.6, 60.0)


def test_a_step_limit_that_holds_the_index_back_widens_the_gap() -> None:
    free = oracle_with("median", 3, 4)
    held = oracle_with("median", 3, 4, max_step={"fraction": "1bps", "per": "60s"})
    assert model.index_gap(0.6, free)[1] == model.reaction_time(free) == 45
    assert model.index_gap(0.6, held)[1] > 45


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0127, "1.27%"),
        (0.0, "0%"),
        (1.0, "100%"),
        (0.00000123, "0.000123%"),
        (12.5, "1,250%"),
        (1e6, "100,000,000%"),
    ],
)
def test_percent(value: float, text: str) -> None:
    assert words.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "0.25 s"),
        (43, "43 s"),
        (89, "89 s"),
        (90, "1.5 min"),
        (5400, "1.5 h"),
        (86_400, "24 h"),
        (691_200, "8 days"),
    ],
)
def test_span(value: float, text: str) -> None:
    assert words.span(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (99.4, "99.4"), (1_250_000.4, "1,250,000"), (0, "0")]
)
def test_amount(value: float, text: str) -> None:
    assert words.amount(value) == text
