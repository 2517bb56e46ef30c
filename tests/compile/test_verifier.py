"""The Solidity constraint evaluators agree with the Python evaluator at random points."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from l2forge.air import Chip, Columns, CompiledAir, Kind, Point, Row, Table, compile_air
from l2forge.air.emit_solidity import ACCUMULATOR, GAMMA, PRESENT, Inputs, split_parts
from l2forge.air.errors import AirError
from l2forge.air.evaluate import selectors_at
from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilNode, running_anvil
from l2forge.chain.artifacts import MAX_RUNTIME_BYTES
from l2forge.chain.client import connect
from l2forge.chain.deploy import Deployer
from l2forge.chain.record import DeploymentRecord
from l2forge.compile.verifier import EVALUATOR_SETTINGS, MAX_TABLES, compile_sources, render_verifier
from l2forge.stark.ext import Ext
from l2forge.stark.field import P
from l2forge.stark.params import ProofParameters
from l2forge.stark.security import SecurityError
from tests.air.points import random_claims, random_ext
from tests.soundness.statements import airs
from tests.soundness.toy import toy_air

N_POINTS = 1000
POINTS_A_REQUEST = 20
EDGES = (0, 1, P - 1, P - 2, 2**32 - 1, 2**32, 2**63)
PARAMS = ProofParameters(log_blowup=4, n_queries=39, grinding_bits=24, log_final=5, node_bytes=25)
LANE = 85

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def node() -> Iterator[AnvilNode]:
    with running_anvil() as running:
        yield running


@pytest.fixture(scope="module")
def deployer(node: AnvilNode, tmp_path_factory: pytest.TempPathFactory) -> Deployer:
    record = tmp_path_factory.mktemp("l1") / "deployment.json"
    return Deployer(connect(node.url), dev_account(0), DeploymentRecord.open(record, node.chain_id))


def pack(value: Ext | int) -> int:
    """An element of K as the contracts hold it: three lanes of 85 bits."""
    if isinstance(value, int):
        return value
    return sum(c << (LANE * k) for k, c in enumerate(value))


def some_ext(rng: random.Random) -> Ext:
    """A random element, now and then of edge values only."""
    return Ext(*(rng.choice(EDGES) for _ in range(3))) if rng.random() < 0.2 else random_ext(rng)


def random_point(table: Table, rng: random.Random) -> Point:
    def many(count: int) -> list[Ext]:
        return [some_ext(rng) for _ in range(count)]

    return Point(
        many(table.n_main),
        many(len(table.main_mask)),
        many(table.n_interaction),
        many(len(table.interaction_mask)),
        many(table.n_preprocessed),
        many(len(table.preprocessed_mask)),
    )


def random_case(air: CompiledAir, rng: random.Random) -> tuple[list[int], int]:
    """Input words of the evaluators, and the composition that the Python evaluator finds."""
    optional = [t.optional and rng.random() < 0.3 for t in air.tables]
    absent = optional if not all(optional) else [False] * len(air.tables)
    heights = [
        -1 if gone else rng.randrange(t.min_log_height, min(t.max_log_height, 20) + 1)
        for t, gone in zip(air.tables, absent, strict=True)
    ]
    points = [None if gone else random_point(t, rng) for t, gone in zip(air.tables, absent, strict=True)]
    z, gamma, claims = random_ext(rng), random_ext(rng), random_claims(air, rng)
    wanted = air.composition_at(z, heights, points, claims, gamma)
    inputs = Inputs.of(air)
    words: list[Ext | int] = [0] * inputs.size
    words[GAMMA] = gamma
    words[PRESENT] = sum(1 << t.index for t, gone in zip(air.tables, absent, strict=True) if not gone)
    challenges = claims.challenges
    words[3:6] = [challenges.alpha, challenges.beta, challenges.rho]
    words[6 : inputs.periods] = [*claims.public, *claims.fingerprints]
    for k, log_period in enumerate(inputs.log_periods):
        words[inputs.periods + k] = z ** (1 << max(0, max(heights) - log_period))
    for table, height, point in zip(air.tables, heights, points, strict=True):
        if point is not None:
            fill_table(words, inputs, table, selectors_at(z, 1 << (max(heights) - height), height), point)
            total = claims.sums[table.index]
            words[inputs.tables + 4 * table.index + 3] = total if total is not None else 0
    return [pack(word) for word in words], pack(wanted)


def fill_table(words: list, inputs: Inputs, table: Table, selectors, point: Point) -> None:  # type: ignore[no-untyped-def, type-arg]
    start = inputs.tables + 4 * table.index
    words[start : start + 3] = [selectors.first, selectors.last, selectors.transition]
    columns = {
        Kind.PREPROCESSED: [*point.preprocessed, *point.preprocessed_next],
        Kind.MAIN: [*point.main, *point.main_next],
        Kind.INTERACTION: [*point.interaction, *point.interaction_next],
    }
    for kind, values in columns.items():
        first = inputs.openings[kind, table.index]
        words[first : first + len(values)] = values


def evaluate(url: str, evaluators: list[str], points: list[list[int]]) -> list[int]:
    """The composition at each point by the contracts, one after the other; a request asks for many points."""
    for address in evaluators:
        for start in range(0, len(points), POINTS_A_REQUEST):
            some = points[start : start + POINTS_A_REQUEST]
            calls = [
                {"to": address, "data": "0x" + b"".join(word.to_bytes(32, "big") for word in words).hex()}
                for words in some
            ]
            for words, result in zip(some, call_all(url, calls), strict=True):
                words[ACCUMULATOR] = int(result, 16)
    return [words[ACCUMULATOR] for words in points]


def call_all(url: str, calls: list[dict[str, str]]) -> list[str]:
    """The results of calls, asked for in one request."""
    requests = [
        {"jsonrpc": "2.0", "id": k, "method": "eth_call", "params": [call, "latest"]}
        for k, call in enumerate(calls)
    ]
    answers = httpx.post(url, json=requests, timeout=60, trust_env=False).json()
    return [answer["result"] for answer in sorted(answers, key=lambda answer: answer["id"])]


@pytest.mark.parametrize("air", [toy_air(), *airs().values()], ids=lambda air: air.name)
def test_contracts_and_python_agree(node: AnvilNode, deployer: Deployer, air: CompiledAir) -> None:
    sources = render_verifier(air, PARAMS, max_log_height=20).evaluators
    compiled = compile_sources(sources, settings=EVALUATOR_SETTINGS)
    evaluators = []
    for name in sources:
        artifact = compiled[name.removesuffix(".sol")]
        assert len(artifact.runtime) <= MAX_RUNTIME_BYTES
        evaluators.append(deployer.deploy(f"{air.name}.{name}", artifact).address)
    rng = random.Random(air.name)
    points, wanted = zip(*(random_case(air, rng) for _ in range(N_POINTS)), strict=True)
    assert evaluate(node.url, evaluators, list(points)) == list(wanted)


@pytest.mark.parametrize("part_bytes", [500, 3_000, 10_000])
def test_parts_hold_every_constraint_once_in_order(part_bytes: int) -> None:
    for air in airs().values():
        found = [c.name for part in split_parts(air, part_bytes) for _, cs in part.sections for c in cs]
        assert found == [c.name for table in air.tables for c in table.constraints]


def air_of_tables(count: int) -> CompiledAir:
    """As many tables of one column that is 0."""

    class Zero(Chip):
        columns = Columns(x="field")

        def __init__(self, name: str) -> None:
            self.name = name

        def constrain(self, b: Any, row: Row, next: Row) -> None:
            b.enforce("zero", row.x)

    return compile_air("tables", [Zero(f"t{k}") for k in range(count)])


def test_more_tables_than_a_word_has_bytes_are_refused() -> None:
    assert render_verifier(air_of_tables(MAX_TABLES), PARAMS, max_log_height=8).evaluators
    with pytest.raises(AirError, match="33 tables"):
        render_verifier(air_of_tables(MAX_TABLES + 1), PARAMS, max_log_height=8)


@pytest.mark.parametrize(
    "change", [{"n_queries": 0}, {"node_bytes": 33}, {"log_final": 1}, {"log_final": 13}], ids=str
)
def test_parameters_beyond_their_limits_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(SecurityError, match=next(iter(change))):
        render_verifier(toy_air(), dataclasses.replace(PARAMS, **change), max_log_height=8)
