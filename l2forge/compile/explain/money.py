"""What the venue costs to run, and what the other ways to settle would cost: estimates throughout."""

from __future__ import annotations

from l2forge.compile.explain.costs import (
    Design,
    Load,
    busy_batch,
    challenge_gas,
    data_bytes,
    day,
    idle_batch,
    proof_bytes,
    proving_seconds,
)
from l2forge.compile.explain.facts import Fact, Scalar, Section
from l2forge.compile.explain.leaving import normal_withdrawal
from l2forge.compile.proof_budget import planned_parameters
from l2forge.spec.models import Spec
from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings.words import amount, percent, span

DESIGNS = (
    Design("validity", "calldata"),
    Design("validity", "validium", 3),
    Design("optimistic", "calldata"),
    Design("optimistic", "validium", 3),
)


def gas(value: float | None, prefix: str = "") -> str:
    """Gas with three significant digits: "12.7 M gas"; None where there is no trade to pay for it."""
    if value is None:
        return "no trade: the oracles' reports take all of the prover"
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{prefix}{value / size:.3g} {unit} gas"
    return f"{prefix}{value:.3g} gas"


def costs(spec: Spec) -> Section:
    """The section about costs."""
    design = Design.of(spec)
    idle, busy = day(spec, idle_batch(spec), design), day(spec, busy_batch(spec), design)
    facts = (*_proving(spec, idle, busy), *_l1(spec, design, idle, busy))
    notes = (
        "Estimates. Proving: the target rate on two cores. L1: the budget of opened columns, 40 gas a byte."
        " Each constant with its source: `l2forge explain --format json`, `constants`.",
        "1 G gas is 1 ETH at 1 gwei.",
    )
    return Section("costs", "Costs", facts, notes)


def _proving(spec: Spec, idle: Load, busy: Load) -> tuple[Fact, ...]:
    full, empty = proving_seconds(spec, busy.batch), proving_seconds(spec, idle.batch)
    rate = busy.batch.trades / busy.batch.span_s
    return (
        Fact("proving_s", "proof of a busy batch", f"about {span(full)}", full, "s", "estimate"),
        Fact("proving_idle_s", "proof of an idle batch", f"about {span(empty)}", empty, "s", "estimate"),
        Fact(
            "trades_per_s",
            "sustained proving",
            f"about {amount(rate)} trades/s beside the oracles' reports"
            f" ({idle.batch.signatures / idle.batch.span_s:.3g}"
            f" signatures/s); matching itself is not limited by it until max_lag",
            rate,
            "trades/s",
            "estimate",
        ),
    )


def _l1(spec: Spec, design: Design, idle: Load, busy: Load) -> tuple[Fact, ...]:
    per_trade = busy.gas_per_trade
    size = proof_bytes(planned_parameters(spec), busy.batch.log_height)
    proven = design.mode == "validity"
    first = Fact(
        "proof_bytes",
        "proof" if proven else "proof, when challenged",
        f"about {size / 1000:.0f} kB" + ("" if proven else f", {gas(challenge_gas(spec))}"),
        size,
        "bytes",
        "estimate",
    )
    return (
        first,
        Fact(
            "gas_per_trade",
            "L1 per trade, busy",
            f"{gas(per_trade, 'about ')} ({amount(busy.batch.trades)} trades and"
            f" {amount(data_bytes(busy.batch, design))} bytes of data in a batch of"
            f" {gas(busy.gas_per_batch)})",
            per_trade,
            "gas",
            "estimate",
        ),
        _day_fact("busy_day_gas", "L1, a busy day", busy),
        _day_fact("idle_day_gas", "L1, an idle day", idle),
    )


def _day_fact(key: str, label: str, load: Load) -> Fact:
    part = load.gas / c.ETHEREUM_GAS_PER_DAY.value
    text = (
        f"about {gas(load.gas)}: {amount(load.batches)} batches of {gas(load.gas_per_batch)}, one each"
        f" {span(load.batch.span_s)}, {amount(load.trades)} trades; {percent(part)} of Ethereum's gas"
    )
    return Fact(key, label, text, load.gas, "gas", "estimate")


def alternatives(spec: Spec) -> Section:
    """The section that puts the four ways to settle side by side."""
    chosen = Design.of(spec)
    facts = []
    for other in DESIGNS:
        same = (other.mode, other.data_availability) == (chosen.mode, chosen.data_availability)
        design = chosen if same else other
        idle, busy = day(spec, idle_batch(spec), design), day(spec, busy_batch(spec), design)
        wait = normal_withdrawal(spec, design.mode)
        per_trade = busy.gas_per_trade
        value: dict[str, Scalar] = {
            "chosen": same,
            "withdrawal_s": wait,
            "gas_per_trade": per_trade,
            "idle_day_gas": idle.gas,
        }
        facts.append(
            Fact(
                f"{design.mode}.{design.data_availability}",
                f"{design.mode}, {design.data_availability}" + (" (chosen)" if same else ""),
                f"withdrawal about {span(wait)}; per trade, when busy, {gas(per_trade)}; an idle day"
                f" {gas(idle.gas)}; {_meaning(design)}",
                value,
                "",
                "estimate",
            )
        )
    note = "Where the spec has no window or committee: seven days, and three signatures."
    return Section(
        "alternatives", "Validity or optimistic, data on L1 or with a committee", tuple(facts), (note,)
    )


def _meaning(design: Design) -> str:
    rule = (
        "a wrong state never counts"
        if design.mode == "validity"
        else "a wrong state counts if nobody watches"
    )
    data = (
        "leaving needs L1 alone"
        if design.data_availability == "calldata"
        else "leaving needs the committee's data"
    )
    return f"{rule}, {data}"
