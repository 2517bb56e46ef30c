"""The constraints of an AIR at the out-of-domain point, as Yul: step 7 of docs/protocol.md on L1.

Every value is a word of three 85-bit lanes (templates/contracts/verifier/Ext.sol). Sums and differences are
left unreduced while a proven bound on the lanes allows it; a product reduces. Memory: the inputs (`Inputs`),
then constants used often, then one slot for each subexpression that is used more than once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from l2forge.air.compiled import CompiledAir
from l2forge.air.graph import COLUMNS, OPERATIONS, Kind
from l2forge.air.listing import formula
from l2forge.air.table import Constraint, Periodic, Selector, Table
from l2forge.stark.field import P, root_of_unity

LANE_BITS = 85
LANE_LIMIT = 1 << (LANE_BITS - 1)
"""Every lane of an unreduced value stays below this."""
MAX_DEPTH = 6
"""Nesting of expressions: the EVM reaches 16 stack slots, a product's function takes some of them."""
PERIOD_BYTES = 12
"""Estimated code for each value of a periodic column: a quarter of a packed word and of a call."""
PART_BYTES = 21_000
"""Estimated code of one evaluator contract: the limit is 24,576, and the estimate is not exact."""

GAMMA, ACCUMULATOR, PRESENT, CHALLENGES, SCALARS = 0, 1, 2, 3, 6
_SELECTOR_INPUT = {Selector.FIRST: 0, Selector.LAST: 1, Selector.TRANSITION: 2}
_SUM_INPUT = 3


@dataclass(frozen=True)
class Inputs:
    """Which word holds which input of the evaluators.

    0 γ, 1 the composition so far, 2 a bit for each present table, 3–5 α, β, ρ, then public scalars,
    fingerprints, z^(n/P) for each period P, four words a table (is_first, is_last, is_transition, S), and the
    openings.
    """

    fingerprints: int
    periods: int
    log_periods: tuple[int, ...]
    tables: int
    openings: dict[tuple[Kind, int], int]
    """first opening at z of a kind of columns of a table; those at z·ω_n follow"""
    size: int

    @classmethod
    def of(cls, air: CompiledAir) -> Inputs:
        """The input words of `air`."""
        fingerprints = SCALARS + len(air.public)
        periods = fingerprints + len(air.lists)
        log_periods = tuple(sorted({log_period(p.values) for t in air.tables for p in t.periodic}))
        tables = periods + len(log_periods)
        at = tables + 4 * len(air.tables)
        openings = {}
        for kind in COLUMNS:
            for table in air.tables:
                openings[kind, table.index] = at
                at += n_functions(table, kind) + len(next_mask(table, kind))
        return cls(fingerprints, periods, log_periods, tables, openings, at)


def log_period(values: Sequence[int]) -> int:
    """log2 of the period of a periodic column."""
    return len(values).bit_length() - 1


def n_functions(table: Table, kind: Kind) -> int:
    """Functions opened at z of a kind of columns."""
    counts = {
        Kind.PREPROCESSED: table.n_preprocessed,
        Kind.MAIN: table.n_main,
        Kind.INTERACTION: table.n_interaction,
    }
    return counts[kind]


def next_mask(table: Table, kind: Kind) -> tuple[int, ...]:
    """Functions of a kind of columns that are opened at z·ω_n too."""
    masks = {
        Kind.PREPROCESSED: table.preprocessed_mask,
        Kind.MAIN: table.main_mask,
        Kind.INTERACTION: table.interaction_mask,
    }
    return masks[kind]


@dataclass(frozen=True)
class Part:
    """What one evaluator contract computes: for each table, a run of its constraints."""

    sections: tuple[tuple[Table, tuple[Constraint, ...]], ...]


def split_parts(air: CompiledAir, part_bytes: int = PART_BYTES) -> list[Part]:
    """The constraints in the AIR's order, cut into parts of about `part_bytes` of code each."""
    parts: list[Part] = []
    sections: list[tuple[Table, tuple[Constraint, ...]]] = []
    size = 0
    for table in air.tables:
        run: list[Constraint] = []
        seen: set[int] = set()
        for constraint in table.constraints:
            cost = _estimate(table, constraint, seen)
            if size + cost > part_bytes and (run or sections):
                parts.append(Part((*sections, (table, tuple(run))) if run else tuple(sections)))
                sections, run, seen, size = [], [], set(), 0
                cost = _estimate(table, constraint, seen)
            seen |= set(_reach(table, [constraint.node]))
            run.append(constraint)
            size += cost
        sections.append((table, tuple(run)))
    return [*parts, Part(tuple(sections))]


def _estimate(table: Table, constraint: Constraint, seen: set[int]) -> int:
    cost = {Kind.ADD: 9, Kind.SUB: 14, Kind.MUL: 18}
    new = [table.nodes[i] for i in _reach(table, [constraint.node]) if i not in seen]
    periodic = [table.periodic[n.a] for n in new if n.kind == Kind.PERIODIC]
    periods = sum(4 if is_single_row(p) else len(p.values) for p in periodic)
    return 30 + PERIOD_BYTES * periods + sum(cost.get(n.kind, 0) for n in new)


def is_single_row(periodic: Periodic) -> bool:
    """Whether one product for each bit of the period is less than one for each of its values."""
    return len(periodic.values) >= 8 and sum(value != 0 for value in periodic.values) == 1


def _reach(table: Table, roots: Sequence[int]) -> list[int]:
    """The nodes that the roots depend on, in topological order."""
    live, stack = set(), list(roots)
    while stack:
        index = stack.pop()
        if index in live:
            continue
        live.add(index)
        node = table.nodes[index]
        if node.kind in OPERATIONS:
            stack += (node.a, node.b)
    return sorted(live)


@dataclass(frozen=True)
class Value:
    """An expression in Yul whose lanes are below `bound`; `base`: only lane 0 is not 0."""

    text: str
    bound: int = P
    depth: int = 0
    base: bool = False


@dataclass
class PartEmitter:
    """Writes the Yul of one part."""

    air: CompiledAir
    inputs: Inputs
    pool: dict[int, int] = field(default_factory=dict)
    """constant → its memory slot"""

    def emit(self, part: Part) -> list[str]:
        """Statements that leave the composition in `acc`; `constants()` must stand before them."""
        lines = []
        for table, constraints in part.sections:
            if not constraints:
                continue
            lines.append(f"// {table.name}")
            lines.append(f"if and(mload({32 * PRESENT}), {1 << table.index}) {{")
            lines += [f"    {line}" for line in self._table(table, constraints)]
            lines.append("}")
        return lines

    def constants(self) -> list[str]:
        """Statements that fill the constant pool."""
        return [f"mstore({self._pool_at(slot)}, {value:#x})" for value, slot in self.pool.items()]

    def _pool_at(self, slot: int) -> int:
        return 32 * (self.inputs.size + slot)

    POOL_SLOTS = 64

    def _constant(self, value: int) -> str:
        """A constant of more than four bytes, from memory while the pool has room."""
        if value < 1 << 32:
            return str(value)
        if value not in self.pool and len(self.pool) < self.POOL_SLOTS:
            self.pool[value] = len(self.pool)
        return f"mload({self._pool_at(self.pool[value])})" if value in self.pool else f"{value:#x}"

    def _table(self, table: Table, constraints: Sequence[Constraint]) -> Iterator[str]:
        uses = self._uses(table, constraints)
        values: dict[int, Value] = {}
        slot = self.inputs.size + self.POOL_SLOTS
        for constraint in constraints:
            text = formula(table, constraint.node, self.air.public, max_length=160)
            yield f"// {constraint.name} ({constraint.selector.name.lower()}): {text}"
            for index in _reach(table, [constraint.node]):
                if index in values:
                    continue
                value = self._value(table, index, values)
                computed = table.nodes[index].kind in (*OPERATIONS, Kind.PERIODIC)
                if computed and (uses[index] > 1 or value.depth > MAX_DEPTH):
                    yield f"mstore({32 * slot}, {value.text})"
                    value = Value(f"mload({32 * slot})", value.bound)
                    slot += 1
                values[index] = value
            yield self._fold(table, constraint, values[constraint.node])

    @staticmethod
    def _uses(table: Table, constraints: Sequence[Constraint]) -> dict[int, int]:
        uses: dict[int, int] = {}
        for index in _reach(table, [c.node for c in constraints]):
            node = table.nodes[index]
            for operand in (node.a, node.b) if node.kind in OPERATIONS else ():
                uses[operand] = uses.get(operand, 0) + 1
        for constraint in constraints:
            uses[constraint.node] = uses.get(constraint.node, 0) + 1
        return uses

    def _fold(self, table: Table, constraint: Constraint, value: Value) -> str:
        """acc ← acc·γ + selector·value."""
        text = value.text
        if constraint.selector != Selector.ALL:
            at = self.inputs.tables + 4 * table.index + _SELECTOR_INPUT[constraint.selector]
            text = f"mul_({text}, mload({32 * at}))"
        return f"acc := add(mul_(acc, mload({32 * GAMMA})), {text})"

    def _value(self, table: Table, index: int, values: dict[int, Value]) -> Value:
        node = table.nodes[index]
        if node.kind == Kind.PERIODIC:
            return self._periodic(table, node.a)
        if node.kind == Kind.CONST:
            return Value(self._constant(node.a), node.a + 1, 0, True)
        if node.kind not in OPERATIONS:
            return Value(f"mload({32 * self._input(table, index)})", P, 0, node.kind == Kind.PUBLIC)
        a, b = values[node.a], values[node.b]
        combine = {Kind.ADD: self._add, Kind.SUB: self._sub, Kind.MUL: self._mul}[node.kind]
        return combine(a, b)

    def _input(self, table: Table, index: int) -> int:
        """The input word of a leaf."""
        node = table.nodes[index]
        if node.kind in COLUMNS:
            start = self.inputs.openings[node.kind, table.index]
            if not node.b:
                return start + node.a
            return start + n_functions(table, node.kind) + next_mask(table, node.kind).index(node.a)
        starts = {
            Kind.PUBLIC: SCALARS,
            Kind.CHALLENGE: CHALLENGES,
            Kind.FINGERPRINT: self.inputs.fingerprints,
            Kind.TABLE_SUM: self.inputs.tables + 4 * table.index + _SUM_INPUT,
        }
        return starts[node.kind] + (0 if node.kind == Kind.TABLE_SUM else node.a)

    def _periodic(self, table: Table, column: int) -> Value:
        """Horner in Y = z^(n/P) over the coefficients.

        A column that is v on row r and else 0: v/P·Σ_{k<P} x^k = v/P·Π_{i<log P} (1 + x^(2^i)), x = Y·ω^(−r).
        """
        periodic = table.periodic[column]
        log_n = log_period(periodic.values)
        y = 32 * (self.inputs.periods + self.inputs.log_periods.index(log_n))
        if not is_single_row(periodic):
            return self._horner(periodic.coefficients, y)
        row = next(r for r, value in enumerate(periodic.values) if value)
        turn = pow(root_of_unity(log_n), -row, P)
        text = f"row_(mload({y}), {turn}, {periodic.coefficients[0]}, {log_n})"
        return Value(text, P, MAX_DEPTH + 1)

    def _horner(self, coefficients: Sequence[int], y: int) -> Value:
        # A period may have hundreds of values: loops over packed words, not one product after another.
        packed = "".join(f"{c:016x}" for c in reversed(coefficients))
        words = [packed[k : k + 64].ljust(64, "0") for k in range(0, len(packed), 64)]
        text, left = "0", len(coefficients)
        for word in words:
            text = f"horner_({text}, 0x{word}, {min(4, left)}, mload({y}))"
            left -= 4
        return Value(text, P, MAX_DEPTH + 1)

    @staticmethod
    def _reduced(a: Value) -> Value:
        return Value(f"red_({a.text})", P, a.depth + 1, a.base)

    def _fit(self, a: Value, b: Value) -> tuple[Value, Value]:
        """Reduce an operand when the lanes of the sum might overflow."""
        if a.bound + b.bound + P >= LANE_LIMIT:
            a, b = (self._reduced(a), b) if a.bound >= b.bound else (a, self._reduced(b))
        return a, b

    def _add(self, a: Value, b: Value) -> Value:
        a, b = self._fit(a, b)
        return Value(
            f"add({a.text}, {b.text})", a.bound + b.bound, max(a.depth, b.depth) + 1, a.base and b.base
        )

    def _sub(self, a: Value, b: Value) -> Value:
        """a + bias − b, the bias the least multiple of p in every lane that covers b."""
        a, b = self._fit(a, b)
        multiple = -(-b.bound // P)
        lanes = (1,) if b.base else (1, 1 << LANE_BITS, 1 << 2 * LANE_BITS)
        bias = self._constant(sum(P * multiple * lane for lane in lanes))
        text = f"sub(add({a.text}, {bias}), {b.text})"
        return Value(text, a.bound + P * multiple, max(a.depth, b.depth) + 1, a.base and b.base)

    def _mul(self, a: Value, b: Value) -> Value:
        if a.base and not b.base:
            a, b = b, a
        depth = max(a.depth, b.depth) + 1
        constant = int(b.text, 0) if b.text[0].isdigit() else 0
        if constant > 0 and a.bound * constant < LANE_LIMIT:
            return Value(f"mul({a.text}, {constant})", a.bound * constant, depth, a.base)
        function = "mulc_" if b.base else "mul_"
        return Value(f"{function}({a.text}, {b.text})", P, depth, a.base and b.base)
