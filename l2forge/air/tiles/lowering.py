"""Lowering of a table's graph to a program: elements of K as three base vectors, then register allocation.

An element of K is never made where one of F serves: a base value times a uniform element of K is three
products, a base value added to one of K touches one coefficient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from l2forge.air.graph import OPERATIONS, Fact, Kind, Node
from l2forge.air.tiles.program import (
    CODE_WIDTH,
    SELECTOR_ROWS,
    SPACE_SHIFT,
    Op,
    Program,
    ScalarSource,
    Space,
)

SELECTOR_ALL = 0
N_ACCUMULATORS = 4


class Part(NamedTuple):
    """A coefficient of a value: a virtual or a pinned register, a column's address, or a scalar slot."""

    kind: str
    place: int


ZERO = Part("scalar", 0)
_VECTOR_SPACE = {Kind.MAIN: Space.MAIN, Kind.PREPROCESSED: Space.PREPROCESSED}


class Lowering:
    """Emits instructions for nodes on demand; each node once."""

    def __init__(self, nodes: Sequence[Node], facts: Sequence[Fact], roots: Sequence[int]) -> None:
        self.nodes, self.facts = nodes, facts
        self.values: dict[int, list[Part]] = {}
        self.code: list[tuple[Op, Part | int, tuple[Part | int, ...]]] = []
        self.n_virtual = 0
        self.slots: dict[object, int] = {0: 0}
        self.constants: list[int] = [0]
        self.dynamic: list[tuple[int, ScalarSource]] = []
        self.n_outputs = 0
        self.fused = self._find_fused(roots)

    # --- the graph

    def _find_fused(self, roots: Sequence[int]) -> dict[int, tuple[int, int, int]]:
        """Additions x + b·u with b in F, u uniform, and the product used nowhere else: node → (x, b, u)."""
        uses: dict[int, int] = {}
        for root in roots:
            uses[root] = uses.get(root, 0) + 1
        order = self._reachable(roots)
        for index in order:
            node = self.nodes[index]
            if node.kind in OPERATIONS:
                uses[node.a] = uses.get(node.a, 0) + 1
                uses[node.b] = uses.get(node.b, 0) + 1
        fused = {}
        for index in order:
            node = self.nodes[index]
            if node.kind != Kind.ADD or self.facts[index].is_uniform:
                continue
            for x, product in ((node.a, node.b), (node.b, node.a)):
                factors = self._scaled_base(product)
                if factors and uses[product] == 1 and not self.facts[x].is_uniform:
                    fused[index] = (x, *factors)
                    break
        return fused

    def _scaled_base(self, index: int) -> tuple[int, int] | None:
        """(b, u) when the node is a product of a base vector b and a uniform u."""
        node = self.nodes[index]
        if node.kind != Kind.MUL:
            return None
        for b, u in ((node.a, node.b), (node.b, node.a)):
            vector, uniform = self.facts[b], self.facts[u]
            if uniform.is_uniform and not vector.is_uniform and not vector.is_ext:
                return b, u
        return None

    def _reachable(self, roots: Sequence[int]) -> list[int]:
        live, stack = set(roots), list(roots)
        while stack:
            node = self.nodes[stack.pop()]
            if node.kind in OPERATIONS:
                stack += [k for k in (node.a, node.b) if k not in live]
                live.update((node.a, node.b))
        return sorted(live)

    def _operands(self, index: int) -> tuple[int, ...]:
        """The nodes that must be lowered before this one."""
        node = self.nodes[index]
        if self.facts[index].is_uniform or node.kind not in OPERATIONS:
            return ()
        if index in self.fused:
            x, b, u = self.fused[index]
            return (x, b, u)
        return (node.a, node.b)

    def lower(self, root: int) -> list[Part]:
        """The coefficients of a node (1 in F, 3 in K), emitting what is missing."""
        stack = [root]
        while stack:
            index = stack[-1]
            missing = [k for k in self._operands(index) if k not in self.values]
            if index in self.values or not missing:
                stack.pop()
                if index not in self.values:
                    self.values[index] = self._lower_node(index)
            else:
                stack += reversed(missing)
        return self.values[root]

    def _lower_node(self, index: int) -> list[Part]:
        node, fact = self.nodes[index], self.facts[index]
        if node.kind == Kind.CONST:
            return [self.constant(node.a)]
        if fact.is_uniform:
            parts = range(3) if fact.is_ext else range(1)
            return [self.scalar(ScalarSource("node", index, (k,))) for k in parts]
        if node.kind == Kind.PERIODIC:
            return [self.emit(Op.PERIODIC, node.a)]
        if node.kind == Kind.INTERACTION:
            space = Space.INTERACTION + node.b
            return [Part("column", (space << SPACE_SHIFT) + 3 * node.a + k) for k in range(3)]
        if node.kind in _VECTOR_SPACE:
            return [Part("column", ((_VECTOR_SPACE[node.kind] + node.b) << SPACE_SHIFT) + node.a)]
        if index in self.fused:
            return self._axpy(*(self.values[k] for k in self.fused[index]))
        x, y = self.values[node.a], self.values[node.b]
        if node.kind == Kind.MUL:
            return self._multiply(index, x, y)
        combine = self.add if node.kind == Kind.ADD else self.subtract
        width = max(len(x), len(y))
        return [combine(_part(x, k), _part(y, k)) for k in range(width)]

    def _axpy(self, x: list[Part], b: list[Part], u: list[Part]) -> list[Part]:
        result = []
        for k in range(max(len(x), len(u))):
            addend, factor = _part(x, k), _part(u, k)
            if factor == ZERO or addend.kind == "scalar":
                result.append(self.add(addend, self.multiply(b[0], factor)))
            else:
                result.append(self.emit(Op.AXPY, addend, b[0], factor))
        return result

    # --- arithmetic on coefficients

    def add(self, x: Part, y: Part) -> Part:
        """x + y."""
        if x == ZERO or y == ZERO:
            return y if x == ZERO else x
        if x.kind == "scalar":
            x, y = y, x
        if y.kind == "scalar":
            return self.emit(Op.ADD_S, self.vector(x), y)
        return self.emit(Op.ADD, x, y)

    def subtract(self, x: Part, y: Part) -> Part:
        """x − y."""
        if y == ZERO:
            return x
        if y.kind == "scalar":
            return self.emit(Op.SUB_S, self.vector(x), y)
        return self.emit(Op.RSUB_S, y, x) if x.kind == "scalar" else self.emit(Op.SUB, x, y)

    def multiply(self, x: Part, y: Part) -> Part:
        """x·y."""
        if ZERO in (x, y):
            return ZERO
        if x.kind == "scalar":
            x, y = y, x
        if y.kind == "scalar":
            return self.emit(Op.MUL_S, self.vector(x), y)
        return self.emit(Op.MUL, x, y)

    def vector(self, x: Part) -> Part:
        """x as a vector."""
        return self.emit(Op.FILL, x) if x.kind == "scalar" else x

    def _multiply(self, index: int, x: list[Part], y: list[Part]) -> list[Part]:
        if len(x) == 1 or len(y) == 1:
            base, other = (x, y) if len(x) == 1 else (y, x)
            return [self.multiply(base[0], part) for part in other]
        node = self.nodes[index]
        for operand, uniform in ((x, node.b), (y, node.a)):
            if self.facts[uniform].is_uniform:
                return self.ext_scale(operand, ScalarSource("node", uniform, ()))
        return self._ext_product([self.vector(p) for p in x], [self.vector(p) for p in y])

    def _ext_product(self, x: list[Part], y: list[Part]) -> list[Part]:
        """Karatsuba: d_k = x_k·y_k and e_jk = (x_j + x_k)(y_j + y_k)."""
        d = [self.emit(Op.MUL, x[k], y[k]) for k in range(3)]
        e01, e02, e12 = (self.emit(Op.MUL_SUMS, x[j], x[k], y[j], y[k]) for j, k in ((0, 1), (0, 2), (1, 2)))
        return self._karatsuba_end(d, e01, e02, e12)

    def ext_scale(self, x: list[Part], source: ScalarSource) -> list[Part]:
        """x·s for a scalar s in K, given by a source whose parts are left open."""
        vectors = [self.vector(p) for p in x]
        d = [self.emit(Op.MUL_S, vectors[k], self.scalar(source._replace(parts=(k,)))) for k in range(3)]
        e01, e02, e12 = (
            self.emit(Op.MUL_SUM_S, vectors[j], vectors[k], self.scalar(source._replace(parts=(j, k))))
            for j, k in ((0, 1), (0, 2), (1, 2))
        )
        return self._karatsuba_end(d, e01, e02, e12)

    def _karatsuba_end(self, d: list[Part], e01: Part, e02: Part, e12: Part) -> list[Part]:
        """With x³ = x + 1: c0 = d0 + (e12 − d1 − d2), c1 = e01 + e12 − d0 − 2·d1, c2 = e02 − d0 + d1."""
        return [
            self.emit(Op.EXT0, d[0], e12, d[1], d[2]),
            self.emit(Op.EXT1, e01, e12, d[0], d[1]),
            self.emit(Op.EXT2, e02, d[0], d[1]),
        ]

    def add_weighted(self, total: Part, value: Part, weight: int) -> Part:
        """total + value·(first coefficient of the weight)."""
        factor = self.scalar(ScalarSource("weight", weight, (0,)))
        if total == ZERO or value.kind == "scalar":
            return self.add(total, self.multiply(self.vector(value), factor))
        return self.emit(Op.AXPY, total, value, factor)

    # --- instructions and scalars

    def emit(self, op: Op, *operands: Part | int) -> Part:
        """A new virtual register with the result of `op`."""
        target = Part("virtual", self.n_virtual)
        self.n_virtual += 1
        self.code.append((op, target, operands))
        return target

    def fold(self, pinned_row: int, value: Part, first_slot: int) -> None:
        """Add value·(three scalars) to the three pinned rows."""
        self.code.append((Op.FOLD, Part("pinned", pinned_row), (value, Part("scalar", first_slot))))

    def accumulate(self, pinned_row: int, value: Part) -> None:
        """Add the value to a pinned row."""
        self.code.append((Op.ACCUMULATE, Part("pinned", pinned_row), (value,)))

    def output(self, value: Part) -> None:
        """Write the value as the next row of the output."""
        self.code.append((Op.OUT, self.n_outputs, (self.vector(value),)))
        self.n_outputs += 1

    def output_ext(self, index: int) -> None:
        """Write a node as three rows, those of a node in F filled up with zeros."""
        parts = self.lower(index)
        for k in range(3):
            self.output(_part(parts, k))

    def constant(self, value: int) -> Part:
        """The slot of a constant."""
        return Part("scalar", self._slot(value, value))

    def scalar(self, source: ScalarSource) -> Part:
        """The slot of a scalar that is known when the program runs."""
        fresh = source not in self.slots
        slot = self._slot(source, 0)
        if fresh:
            self.dynamic.append((slot, source))
        return Part("scalar", slot)

    def _slot(self, key: object, value: int) -> int:
        if key not in self.slots:
            self.slots[key] = len(self.constants)
            self.constants.append(value)
        return self.slots[key]

    def finish(self, n_pinned: int, uses_selectors: bool) -> Program:
        """Assign registers, and freeze."""
        code, n_registers = _allocate(self.code, n_pinned)
        constants = np.array(self.constants, np.uint64)
        return Program(
            code, n_registers, n_pinned, self.n_outputs, constants, tuple(self.dynamic), uses_selectors
        )


def _part(value: list[Part], k: int) -> Part:
    return value[k] if k < len(value) else ZERO


def _allocate(
    code: Sequence[tuple[Op, Part | int, tuple[Part | int, ...]]], n_pinned: int
) -> tuple[np.ndarray, int]:
    """Physical registers by last use. A result never shares a register with an operand of its instruction,
    so that the vector kernels may assume that their arrays do not overlap."""
    last_use = {p: k for k, (_, _, operands) in enumerate(code) for p in operands if isinstance(p, Part)}
    free: list[int] = []
    physical: dict[Part, int] = {}
    n_registers = n_pinned
    rows = np.zeros((len(code), CODE_WIDTH), np.int32)
    for k, (op, target, operands) in enumerate(code):
        address: int
        if isinstance(target, Part) and target.kind == "virtual":
            if not free:
                free.append(n_registers)
                n_registers += 1
            address = physical[target] = free.pop()
        else:
            address = target.place if isinstance(target, Part) else target
        fields = [op, address, *(_address(p, physical) for p in operands)]
        rows[k, : len(fields)] = fields
        free += [physical[p] for p in _dying(operands, last_use, k)]
        if isinstance(target, Part) and target.kind == "virtual" and target not in last_use:
            free.append(address)
    return rows, n_registers


def _dying(operands: Sequence[Part | int], last_use: dict[Part, int], k: int) -> Iterator[Part]:
    for part in dict.fromkeys(operands):
        if isinstance(part, Part) and part.kind == "virtual" and last_use[part] == k:
            yield part


def _address(part: Part | int, physical: dict[Part, int]) -> int:
    if isinstance(part, int):
        return part
    return physical[part] if part.kind == "virtual" else part.place


def lower_outputs(nodes: Sequence[Node], facts: Sequence[Fact], outputs: Sequence[int]) -> Program:
    """A program that writes the nodes' values, in order; a node in K takes three rows of the output."""
    lowering = Lowering(nodes, facts, outputs)
    for index in outputs:
        parts = lowering.lower(index)
        for part in parts:
            lowering.output(part)
    return lowering.finish(0, uses_selectors=False)


def lower_composition(
    nodes: Sequence[Node], facts: Sequence[Fact], constraints: Sequence[tuple[int, int, int]]
) -> Program:
    """A program that writes Σ weight_k·selector·node, three rows, for constraints (k, selector, node).

    Terms of one selector are summed first, so that each selector is multiplied once.
    """
    lowering = Lowering(nodes, facts, [node for _, _, node in constraints])
    used = sorted({selector for _, selector, _ in constraints})
    for k, selector, node in constraints:
        parts = lowering.lower(node)
        row = SELECTOR_ROWS + 3 * selector
        weight = ScalarSource("weight", k, ())
        if len(parts) == 1:
            slots = [lowering.scalar(weight._replace(parts=(j,))).place for j in range(3)]
            lowering.fold(row, lowering.vector(parts[0]), slots[0])
        else:
            for j, part in enumerate(lowering.ext_scale(parts, weight)):
                lowering.accumulate(row + j, part)
    for j in range(3):
        total = ZERO
        for selector in used:
            accumulated = Part("pinned", SELECTOR_ROWS + 3 * selector + j)
            if selector != SELECTOR_ALL:
                accumulated = lowering.multiply(Part("pinned", selector - 1), accumulated)
            total = lowering.add(total, accumulated)
        lowering.output(total)
    uses = any(selector != SELECTOR_ALL for selector in used)
    return lowering.finish(SELECTOR_ROWS + 3 * N_ACCUMULATORS, uses_selectors=uses)
