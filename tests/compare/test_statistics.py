"""Intervals, pairs, limits, and who is not beaten."""

from __future__ import annotations

import pytest

from l2forge.compare.limits import parse_limit
from l2forge.compare.statistics import interval, paired, undominated
from l2forge.errors import InputError


def test_an_interval_lies_around_the_mean_and_is_the_same_each_time() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 10.0]
    found = interval(values)
    assert found.mean == 4.0 and found.low < 4.0 < found.high and min(values) <= found.low
    assert interval(values) == found


def test_one_value_has_no_width() -> None:
    assert vars(interval([5.0])) == {"mean": 5.0, "low": 5.0, "high": 5.0}


def test_pairs_take_away_what_seeds_have_in_common() -> None:
    noisy = [100.0, -50.0, 7.0]
    better = [value - 1 for value in noisy]
    found = paired(better, noisy)
    assert found is not None and (found.mean, found.low, found.high) == (-1.0, -1.0, -1.0)


def test_pairs_without_both_values_are_left_out() -> None:
    assert paired([None, 3.0], [1.0, 1.0]) == interval([2.0])
    assert paired([None], [1.0]) is None


def test_who_is_equalled_in_all_and_beaten_in_one_is_dominated() -> None:
    points = [(1.0, 1.0), (1.0, 2.0), (0.0, 9.0), (1.0, 1.0)]
    naive = [
        not any(all(a <= b for a, b in zip(q, p, strict=True)) and q != p for q in points) for p in points
    ]
    assert undominated(points) == naive == [True, False, True, True]


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("bad_debt<=0", [0.0, None], [0.0, 1.0]),
        ("filled_share > 90", [91.0], [91.0, 90.0]),
        ("spread<2", [], [2.0]),
    ],
)
def test_a_limit_holds_for_every_seed_or_is_broken(
    text: str, good: list[float | None], bad: list[float | None]
) -> None:
    limit = parse_limit(text)
    assert limit.holds(good) and not limit.holds(bad)
    assert limit.worst([]) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bad_debt", "is not a limit"),
        ("bad_dept<=0", "did you mean"),
        ("x<=0", "write one of"),
        ("spread<=nan", "not a limit"),
    ],
)
def test_a_wrong_limit_is_refused_with_a_remedy(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_limit(text)
