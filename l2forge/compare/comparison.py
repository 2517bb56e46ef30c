"""The comparison: every spec, every seed, the same flow; differences, attacks, limits, a Pareto view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from l2forge.compare.attack import Attack, attacks
from l2forge.compare.flow import Flow, load_flow
from l2forge.compare.limits import Limit, parse_limit
from l2forge.compare.measures import LOW, MEASURE, Values, measure
from l2forge.compare.record import Record
from l2forge.compare.run import Run
from l2forge.compare.statistics import Interval, interval, paired, undominated
from l2forge.engine import codes
from l2forge.errors import InputError
from l2forge.spec.load import LoadedSpec, load_spec
from l2forge.spec.presets import preset_names, preset_path

PARETO = ("taker_cost", "filled_share", "provider_loss", "bad_debt", "liquidated")
"""What the Pareto view weighs: traders' cost and fills, loss of who provides liquidity, risk."""

REASONS = {number: name[2:].lower() for name, number in vars(codes).items() if name.startswith("R_")}
PRESET = "preset:"


@dataclass
class Outcome:
    """One spec in the comparison: its market, measures per seed, the first seed's record, attacks."""

    label: str
    model: str
    market: str
    unit: int
    spec_hash: str
    symbol: str
    values: list[Values] = field(default_factory=list)
    record: Record | None = None
    """Of the first seed, for charts."""
    refused: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    price_refusals: Counter[str] = field(default_factory=Counter)
    attacks: list[Attack] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def column(self, name: str) -> list[float | None]:
        """A measure over the seeds."""
        return [values[name] for values in self.values]

    def summary(self, name: str) -> Interval | None:
        """Mean and interval of a measure over the seeds that have it."""
        known = [value for value in self.column(name) if value is not None]
        return interval(known) if known else None

    @property
    def best_attack(self) -> Attack | None:
        """The attack that leaves most after its cost."""
        return max(self.attacks, key=lambda attack: attack.net, default=None)


@dataclass
class Broken:
    """A limit and the spec that did not keep it."""

    limit: Limit
    label: str
    worst: float


@dataclass
class Comparison:
    """Everything that the table, the JSON and the report show."""

    flow: str
    about: str
    source: str
    flows: list[tuple[int, str, int]]
    """(seed, digest, number of intents) of each flow; every spec got these."""
    outcomes: list[Outcome]
    survives: list[Limit]
    limits: list[Limit]

    def difference(self, outcome: Outcome, name: str) -> Interval | None:
        """Paired by seed, against the first spec."""
        return paired(outcome.column(name), self.outcomes[0].column(name))

    def broken(self, limits: Sequence[Limit]) -> list[Broken]:
        """The limits that some spec does not keep with every seed."""
        found = []
        for outcome in self.outcomes:
            for limit in limits:
                values = outcome.column(limit.measure)
                if not limit.holds(values):
                    worst = limit.worst(values)
                    found.append(Broken(limit, outcome.label, worst if worst is not None else 0.0))
        return found

    def pareto(self) -> list[bool]:
        """Per spec: no other one is at least as good in all of PARETO and better in one."""
        return undominated([pareto_point(outcome) for outcome in self.outcomes])


def pareto_point(outcome: Outcome) -> tuple[float, ...]:
    """The spec's means in PARETO, turned so that less is better; without a value it counts as worst."""
    point = []
    for name in PARETO:
        if name == "provider_loss":
            parts = [outcome.summary(part) for part in ("maker_profit", "lp_profit")]
            point.append(-sum(part.mean for part in parts if part is not None))
            continue
        found = outcome.summary(name)
        sign = 1 if MEASURE[name].better == LOW else -1
        point.append(sign * found.mean if found is not None else float("inf"))
    return tuple(point)


def compare(
    specs: Sequence[str],
    flow: str,
    *,
    n_seeds: int,
    limits: Sequence[Limit] = (),
    with_attacks: bool = True,
    step: Callable[[str], None] = lambda step: None,
) -> Comparison:
    """Run the flow with seeds 1 to n_seeds through every spec (paths, or `preset:NAME`)."""
    loaded = [(label, read_spec(text)) for label, text in zip(_labels(specs), specs, strict=True)]
    first = loaded[0][1].require().markets[0].symbol
    flows = [load_flow(flow, seed) for seed in range(1, n_seeds + 1)]
    if len({one.digest() for one in flows}) == 1:
        flows = flows[:1]  # a file is the same for every seed
    outcomes = []
    for label, spec in loaded:
        outcome = _start(label, spec, first)
        for one in flows:
            step(f"{label}, seed {one.seed}")
            _add_run(outcome, spec, one)
        if with_attacks:
            step(f"{label}, attacks on its sources")
            outcome.attacks = attacks(spec.require(), outcome.symbol, 1)
        outcomes.append(outcome)
    return Comparison(
        flow,
        flows[0].about,
        flows[0].source,
        [(one.seed, one.digest(), len(one.intents)) for one in flows],
        outcomes,
        [parse_limit(text) for text in flows[0].survives],
        list(limits),
    )


def read_spec(text: str) -> LoadedSpec:
    """A spec by path, or by `preset:NAME`."""
    if not text.startswith(PRESET):
        loaded = load_spec(text)
    else:
        name = text[len(PRESET) :]
        if name not in preset_names():
            known = ", ".join(preset_names())
            raise InputError(f'there is no preset "{name}"', remedy=f"write {PRESET} and one of {known}")
        loaded = load_spec(preset_path(name))
    loaded.require()
    return loaded


def _labels(specs: Sequence[str]) -> list[str]:
    """Short names that differ: a preset's name, a file's stem, else the path; no spec twice."""
    if len(set(specs)) < len(specs):
        raise InputError("the same spec is given twice", remedy="name each spec once")
    short = [text[len(PRESET) :] if text.startswith(PRESET) else Path(text).stem for text in specs]
    return [text if short.count(name) > 1 else name for name, text in zip(short, specs, strict=True)]


def _start(label: str, loaded: LoadedSpec, symbol: str) -> Outcome:
    spec = loaded.require()
    market = next((market for market in spec.markets if market.symbol == symbol), spec.markets[0])
    model = {"order_book": "order book", "amm": "AMM"}.get(spec.matching.model, spec.matching.model)
    if spec.amm is not None:
        model += f" ({spec.amm.curve.replace('_', ' ')})"
    unit = 10**spec.venue.collateral.decimals
    return Outcome(label, model, market.symbol, unit, loaded.hash(), market.symbol)


def _add_run(outcome: Outcome, loaded: LoadedSpec, flow: Flow) -> None:
    run = Run(loaded.require(), flow, outcome.symbol)
    record = run.run()
    outcome.values.append(measure(record, run.venue, flow))
    if outcome.record is None:
        outcome.record = record
        outcome.notes = _notes(run, record)
    outcome.refused.update({REASONS[reason]: n for reason, n in record.refused.items()})
    outcome.left_out.update(record.left_out)
    outcome.price_refusals.update({REASONS[reason]: n for reason, n in record.price_refusals.items()})


def _notes(run: Run, record: Record) -> list[str]:
    """What a reader must know about the translation of the first flow."""
    notes = []
    if record.left_out["quotes"]:
        notes.append(
            f"no book: {record.left_out['quotes']:,} maker quotes had no place; the curve alone quotes"
        )
    if record.left_out["limit orders"]:
        notes.append(f"no book: {record.left_out['limit orders']:,} limit orders had no place")
    if sum(record.shares_bought.values()):
        share = sum(record.shares_bought.values()) / run.venue.unit
        notes.append(f"makers put {share:,.0f} into the pool instead of quoting")
    n_less = record.left_out["leverage beyond the venue's"]
    if n_less:
        notes.append(f"{n_less} traders took less than they wanted: the venue's initial margin is higher")
    return notes
