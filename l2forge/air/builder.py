"""The builder that a chip states its constraints on, and the constraints that column types make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.air.chip import Chip, Row
from l2forge.air.columns import LIMB_BITS, Column
from l2forge.air.errors import AirError
from l2forge.air.graph import Expr, Graph, Kind
from l2forge.air.table import Selector
from l2forge.stark.field import P

RANGE_BUS = "range16"
"""The bus on which range types look up 16-bit values; `chips.range16` serves it."""


@dataclass(frozen=True)
class RawConstraint:
    """A constraint as stated: selector·expr = 0."""

    name: str
    selector: Selector
    expr: Expr


@dataclass(frozen=True)
class RawInteraction:
    """An interaction as stated, sign +1 for send and −1 for receive."""

    bus: str
    sign: int
    multiplicity: Expr
    values: tuple[Expr, ...]


@dataclass(frozen=True)
class RawPublication:
    """A publication as stated."""

    name: str
    when: Expr
    values: tuple[Expr, ...]


class Builder:
    """Collects what one chip states. Names without a slash get the chip's name before them."""

    def __init__(self, chip: Chip, public: Sequence[str]) -> None:
        self.chip = chip
        self.graph = Graph()
        self.constraints: list[RawConstraint] = []
        self.interactions: list[RawInteraction] = []
        self.publications: list[RawPublication] = []
        self._public = tuple(public)
        self._periodic = tuple(chip.periodic)
        self._booleans: set[int] = {self.const(0).index, self.const(1).index}
        self.row = Row(chip, self.graph, 0)
        self.next = Row(chip, self.graph, 1)

    def build(self) -> None:
        """Run the chip's statement, after the constraints and look-ups of its column types."""
        for column in self.chip.columns.columns:
            self._constrain_type(column)
        self.chip.constrain(self, self.row, self.next)

    # --- leaves

    def const(self, value: int) -> Expr:
        """A constant of F."""
        return self.graph.const(value)

    def public(self, name: str) -> Expr:
        """The public scalar called `name`."""
        if name not in self._public:
            raise AirError(f"chip {self.chip.name}: the AIR has no public scalar {name!r}")
        return self.graph.leaf(Kind.PUBLIC, self._public.index(name))

    def periodic(self, name: str) -> Expr:
        """The periodic column called `name`."""
        if name not in self._periodic:
            raise AirError(f"chip {self.chip.name} has no periodic column {name!r}")
        return self.graph.leaf(Kind.PERIODIC, self._periodic.index(name))

    # --- constraints

    def enforce(self, name: str, expr: Expr) -> None:
        """expr = 0 on every row; on every row but the last when it reads the next row."""
        self._constrain(name, Selector.TRANSITION if expr.fact.reads_next else Selector.ALL, expr)

    def enforce_transition(self, name: str, expr: Expr) -> None:
        """expr = 0 on every row but the last."""
        self._constrain(name, Selector.TRANSITION, expr)

    def enforce_first(self, name: str, expr: Expr) -> None:
        """expr = 0 on the first row."""
        self._constrain(name, Selector.FIRST, expr)

    def enforce_last(self, name: str, expr: Expr) -> None:
        """expr = 0 on the last row."""
        self._constrain(name, Selector.LAST, expr)

    def enforce_bool(self, name: str, expr: Expr) -> None:
        """expr ∈ {0, 1} on every row."""
        self._constrain(name, Selector.ALL, expr * (expr - 1))
        self._booleans.add(expr.index)

    def known_bool(self, expr: Expr) -> None:
        """Say that other constraints make the expression boolean; none is added for it."""
        self._booleans.add(expr.index)

    def _constrain(self, name: str, selector: Selector, expr: Expr) -> None:
        name = name if "/" in name else f"{self.chip.name}/{name}"
        if not name.startswith(f"{self.chip.name}/"):
            raise AirError(f"constraint {name!r} must begin with the chip's name {self.chip.name!r}")
        if selector != Selector.TRANSITION and expr.fact.reads_next:
            raise AirError(f"constraint {name!r} reads the next row, which the last row does not have")
        self.constraints.append(RawConstraint(name, selector, expr))

    # --- buses and lists

    def send(self, bus: str, values: Sequence[Expr | int], multiplicity: Expr | int = 1) -> None:
        """Add the tuple to the bus `multiplicity` times: the bus must balance over the whole AIR."""
        self._interact(bus, 1, values, multiplicity)

    def receive(self, bus: str, values: Sequence[Expr | int], multiplicity: Expr | int = 1) -> None:
        """Take the tuple from the bus `multiplicity` times."""
        self._interact(bus, -1, values, multiplicity)

    def _interact(self, bus: str, sign: int, values: Sequence[Expr | int], multiplicity: Expr | int) -> None:
        raw = RawInteraction(bus, sign, self._expr(multiplicity), tuple(map(self._expr, values)))
        if not raw.values or any(e.fact.reads_next for e in (raw.multiplicity, *raw.values)):
            raise AirError(
                f"chip {self.chip.name}, bus {bus}: an interaction needs values, and must read the current "
                "row only, since the last row has no next one",
                remedy="copy the next row's value into a column of this row",
            )
        self.interactions.append(raw)

    def publish(self, name: str, *, when: Expr | int, values: Sequence[Expr | int]) -> None:
        """Append the tuple to the public list `name` on the rows where `when`, made boolean, is 1."""
        raw = RawPublication(name, self._expr(when), tuple(map(self._expr, values)))
        if not raw.values or any(e.fact.reads_next for e in (raw.when, *raw.values)):
            raise AirError(f"public list {name}: a publication needs values, and reads the current row only")
        if not self._is_boolean(raw.when.index):
            self.enforce_bool(f"{self.chip.name}/{name}/when_boolean", raw.when)
        self.publications.append(raw)

    def _is_boolean(self, index: int) -> bool:
        """Whether the expression is known to be boolean: enforced to be, or a product of such."""
        node = self.graph.nodes[index]
        is_product = node.kind == Kind.MUL and self._is_boolean(node.a) and self._is_boolean(node.b)
        return index in self._booleans or is_product

    def _expr(self, value: Expr | int) -> Expr:
        return value if isinstance(value, Expr) else self.const(value)

    # --- column types

    def real(self) -> Expr:
        """The padding flag of this chip, or 1 where all rows are used."""
        flag = self.chip.columns.real
        return self.graph.leaf(Kind.MAIN, flag.index) if flag else self.const(1)

    def look_up_range(
        self, value: Expr, bits: int, limbs: Sequence[Expr], multiplicity: Expr | int = 1
    ) -> None:
        """value ∈ [0, 2^bits) on the rows where `multiplicity` is not 0, for bits ≤ 63.

        `limbs` are ⌈bits/16⌉ − 1 columns with the lowest 16-bit limbs. The top limb is the expression
        (value − Σ limb_k·2^(16k))·2^(−16·n) and needs no column; when it has w < 16 bits, both it and its
        product with 2^(16−w) are looked up: the first makes the second an integer below 2^32, the second
        bounds the first by 2^w. So value = Σ limb_k·2^(16k) + top·2^(16n) < 2^bits < p, without wrap-around.
        """
        if not 1 <= bits <= 63 or len(limbs) != (bits - 1) // LIMB_BITS:
            raise AirError(
                f"chip {self.chip.name}: a range of {bits} bits takes {(bits - 1) // LIMB_BITS} limbs"
            )
        low: Expr = self.const(0)
        for k, limb in enumerate(limbs):
            self.send(RANGE_BUS, [limb], multiplicity)
            low = low + limb * (1 << (LIMB_BITS * k))
        top = (value - low) * pow(1 << (LIMB_BITS * len(limbs)), -1, P)
        self.send(RANGE_BUS, [top], multiplicity)
        spare = LIMB_BITS * (len(limbs) + 1) - bits
        if spare:
            self.send(RANGE_BUS, [top * (1 << spare)], multiplicity)

    def _constrain_type(self, column: Column) -> None:
        here = self.graph.leaf(Kind.MAIN, column.index)
        if column.type.name in ("bool", "real"):
            self.enforce_bool(f"{self.chip.name}/{column.name}/boolean", here)
        if column.type.name == "real":
            after = self.graph.leaf(Kind.MAIN, column.index, 1)
            name = f"{self.chip.name}/{column.name}/monotone"
            self._constrain(name, Selector.TRANSITION, after * (1 - here))
        if column.type.bits:
            limbs = [self.graph.leaf(Kind.MAIN, k) for k in column.limbs]
            self.look_up_range(here + column.type.offset, column.type.bits, limbs, self.real())
