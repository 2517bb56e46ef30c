"""Flows: the same for the same seed, different for another, in order, and from no venue's units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from l2forge.compare.flow import flow_names, form, load_flow
from l2forge.compare.flow.draws import along, pick_size, walk
from l2forge.compare.flow.stress import oracle_attack
from l2forge.errors import InputError
from l2forge.venue.draws import generator, normals_e6

NAMES = flow_names()


@pytest.mark.parametrize("name", NAMES)
def test_a_flow_is_a_function_of_its_seed(name: str) -> None:
    one, same, other = load_flow(name, 1), load_flow(name, 1), load_flow(name, 2)
    assert one.digest() == same.digest() != other.digest()
    assert np.array_equal(one.intents, same.intents)


@pytest.mark.parametrize("name", NAMES)
def test_a_flow_is_in_order_and_within_its_bounds(name: str) -> None:
    flow = load_flow(name, 3)
    intents = flow.intents
    assert intents.dtype == np.int64 and (np.diff(intents[:, form.TIME]) >= 0).all()
    assert set(np.unique(intents[:, form.KIND])) <= set(range(form.WITHDRAW + 1))
    users = intents[intents[:, form.KIND] >= form.PULL]
    assert users[:, form.ACTOR].max() < len(flow.actors)
    reports = intents[intents[:, form.KIND] == form.REPORT]
    assert set(np.unique(reports[:, form.ACTOR])) == set(range(flow.n_feeds))
    assert len(flow.feed_costs) == flow.n_feeds and flow.about


def test_the_default_flow_has_every_kind_of_actor() -> None:
    assert {actor.role for actor in load_flow("mixed", 1).actors} == set(range(len(form.ROLES)))


def test_a_flow_pinned_to_its_digest() -> None:
    """The draws are integers, so this holds on every machine and every release of NumPy."""
    assert load_flow("calm", 1).digest() == PINNED_CALM


PINNED_CALM = "32a717d5d83ceea5dfdd31311394f242e8f95b21f226ae9d7a2ab6d12e31b209"


def test_the_digest_notices_one_changed_word() -> None:
    flow = load_flow("calm", 1)
    before = flow.digest()
    flow.intents[100, form.PRICE] += 1
    assert flow.digest() != before


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("history/")])
def test_history_names_its_source_and_what_survival_means(name: str) -> None:
    flow = load_flow(name, 1)
    assert flow.source and flow.survives


def test_an_attack_moves_only_the_cheapest_feeds() -> None:
    flow = oracle_attack(1, 2)
    reports = flow.intents[flow.intents[:, form.KIND] == form.REPORT]
    lowest = [
        int(reports[reports[:, form.ACTOR] == feed][:, form.PRICE].min()) for feed in range(flow.n_feeds)
    ]
    assert all((low < 850_000_000) == (feed < 2) for feed, low in enumerate(lowest))
    assert list(flow.feed_costs) == sorted(flow.feed_costs)


def test_an_unknown_flow_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InputError, match="history/mango-2022"):
        load_flow("history/mango-2021", 1)


# -- draws ----------------------------------------------------------------------------------------


def test_normals_have_mean_zero_and_deviation_one() -> None:
    draws = np.array(normals_e6(generator(5), 20_000)) / 1e6
    assert abs(draws.mean()) < 0.03 and abs(draws.std() - 1) < 0.03


def test_a_walk_begins_at_one_and_moves_as_far_as_told() -> None:
    prices = np.array(walk(generator(6), 5_000, 100_000), dtype=float)
    assert prices[0] == 1e9
    assert 0.9e-4 < np.diff(np.log(prices)).std() < 1.1e-4


def test_anchors_are_joined_by_straight_lines() -> None:
    anchors = ((10, 100), (20, 200), (40, 0))
    assert [along(anchors, t) for t in (0, 10, 15, 20, 30, 40, 99)] == [100, 100, 150, 200, 100, 0, 0]


def test_sizes_fall_into_their_classes() -> None:
    rng = generator(7)
    sizes = [pick_size(rng, ((1, 5, 5), (3, 10, 12))) for _ in range(400)]
    assert set(sizes) == {5, 10, 11, 12} and 60 < sizes.count(5) < 150


# -- files of messages ----------------------------------------------------------------------------

LOBSTER = """34200.004,1,11,100,5853300,1
34200.025,1,12,100,5853900,-1
34200.201,4,12,40,5853900,-1
34200.500,2,12,20,5853900,-1
34201.000,5,0,10,5853500,1
34202.000,3,12,40,5853900,-1
34203.000,3,99,40,5853900,-1
34203.000,7,0,0,-1,-1
"""


def test_lobster_messages_become_a_flow(tmp_path: Path) -> None:
    (tmp_path / "aapl.csv").write_text(LOBSTER)
    flow = load_flow(str(tmp_path / "aapl.csv"), 1)
    rows = flow.intents
    rests = rows[rows[:, form.KIND] == form.REST]
    assert rests[:, form.SIDE].tolist() == [form.BUY, form.SELL]
    assert rests[:, form.MONEY].tolist() == [58_533_000_000, 58_539_000_000]  # 100 shares, dollars in 10^-6
    takes = rows[rows[:, form.KIND] == form.TAKE]
    assert takes[:, form.SIDE].tolist() == [form.BUY, form.SELL]  # against an ask, against a hidden bid
    cancels = rows[rows[:, form.KIND] == form.CANCEL]
    assert cancels[:, form.MONEY].tolist() == [40 * 585_390_000, 0]
    assert flow.digest() == load_flow(str(tmp_path / "aapl.csv"), 2).digest()


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    text = "id,price,size,direction,type,time\n1,100.5,2,1,1,0.5\n2,101.5,2,-1,1,0.6\n"
    (tmp_path / "itch.csv").write_text(text)
    flow = load_flow(str(tmp_path / "itch.csv"), 1)
    rests = flow.intents[flow.intents[:, form.KIND] == form.REST]
    assert rests[:, form.MONEY].tolist() == [201_000_000, 203_000_000]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,1,1,1,100,1\n0,1,2,1,100,1\n", r"m\.csv:2: time 0 is before"),
        ("1,1,1,x,100,1\n", r'm\.csv:1: size "x" is not a number'),
        ("1,9,1,1,100,1\n", r"m\.csv:1: type 9"),
        ("1,1,1,1,100,0\n", r"m\.csv:1: direction 0"),
        ("1,1,1,1,-100,1\n", r"m\.csv:1: size and price"),
        ("1,1,1,1,100,1\n2,1,1\n", r"m\.csv:2: 3 columns instead of 6"),
        ("1,1,1.5,1,100,1\n", r"m\.csv:1: order id"),
        ("1,1,1,NaN,100,1\n", r"m\.csv:1: size .* not finite"),
        ("time,price\n", r"m\.csv:1: the header lacks type, id, size, direction"),
        ("", r"m\.csv: no messages"),
        ("1,1,1,1,100,1\n", r"m\.csv: no execution"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        load_flow(str(tmp_path / "m.csv"), 1)
