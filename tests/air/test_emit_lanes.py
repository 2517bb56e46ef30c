"""No lane of what the Solidity evaluators compute leaves its 85 bits, whatever the inputs.

The emitted Yul is run on intervals, lane by lane: inputs are any reduced words, sums stay in their lanes, and
what is subtracted is never more than what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest

from l2forge.air import Chip, Columns, CompiledAir, Row, compile_air
from l2forge.air import emit_solidity as emit
from l2forge.stark.field import P
from tests.soundness.statements import airs, compression_air
from tests.soundness.toy import toy_air

LIMIT = 1 << emit.LANE_BITS
Lanes: TypeAlias = list[tuple[int, int]]
Call: TypeAlias = "int | tuple[str, list[Call]]"
REDUCED: Lanes = [(0, P - 1)] * 3
BASE: Lanes = [(0, P - 1), (0, 0), (0, 0)]
SMALL_PART = 700


class Unreduced(Chip):
    """Long sums, differences and multiples, more constants than the pool holds, periods of several words."""

    name = "unreduced"
    columns = Columns(a="field", b="field", c="field[40]")
    periodic = {  # noqa: RUF012
        "eight": range(1, 9),
        "one": (5,),
        "two": (7, 11),
        "sixth": (0, 0, 0, 0, 0, P - 1, 0, 0),
    }

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        x = b.public("x")
        wide = (row.a * 2**31 - row.b) * (2**20 + 1)
        total = wide - (row.a - x * 2**30) * 1000
        for c in row.c:
            total = total + c * 2**19 - wide
        scalar = x
        for _ in range(30):
            scalar = scalar * 2 + x
        b.enforce("squared", total * total - wide)
        b.enforce("scalars", (0 - total) * (x * 12345 - x * (P - 2)))
        b.enforce(
            "periods", b.periodic("eight") * row.a - b.periodic("one") * wide + b.periodic("two") * total
        )
        b.enforce("row", (b.periodic("sixth") - wide) * b.periodic("sixth"))
        b.enforce("next", next.a * 4_000_000_000 * 3 - next.b * (P - 5))
        b.enforce("scalar", scalar * 2_000_000_000 - row.a * x - (row.b - scalar))
        for k in range(emit.PartEmitter.POOL_SLOTS + 10):
            b.enforce(f"constant{k}", row.a * (2**40 + k) - row.b)


def parse(tokens: list[str]) -> Call:
    """A Yul expression of numbers and calls."""
    head = tokens.pop(0)
    if not tokens or tokens[0] != "(":
        return int(head, 0)
    tokens.pop(0)
    arguments = []
    while tokens[0] != ")":
        arguments.append(parse(tokens))
        if tokens[0] == ",":
            tokens.pop(0)
    tokens.pop(0)
    return head, arguments


def read(text: str) -> Call:
    return parse(re.findall(r"\w+|[(),]", text))


def word(value: int) -> Lanes:
    lanes = [value & (LIMIT - 1), value >> emit.LANE_BITS & (LIMIT - 1), value >> 2 * emit.LANE_BITS]
    return [(lane, lane) for lane in lanes]


def kept(lanes: Lanes) -> Lanes:
    """Lanes that stay in their place."""
    assert all(0 <= low <= high < LIMIT for low, high in lanes)
    return lanes


def value(call: Call, memory: dict[int, Lanes]) -> Lanes:
    """The interval of every lane; AssertionError where one may leave its place."""
    if isinstance(call, int):
        return kept(word(call))
    name, arguments = call
    if name == "mload":
        assert isinstance(arguments[0], int)
        return memory[arguments[0]]
    if name == "row_":
        value(arguments[0], memory)
        return REDUCED
    if name == "horner_":
        value(arguments[0], memory)
        value(arguments[3], memory)
        return REDUCED
    x, *rest = (value(argument, memory) for argument in arguments)
    if name == "red_":
        return [(0, min(high, P - 1)) for _, high in x]
    (y,) = rest
    if name == "add":
        return kept([(a + c, b + d) for (a, b), (c, d) in zip(x, y, strict=True)])
    if name == "sub":
        return kept([(a - d, b - c) for (a, b), (c, d) in zip(x, y, strict=True)])
    if name == "mul":
        assert y[1] == y[2] == (0, 0)
        return kept([(a * y[0][0], b * y[0][1]) for a, b in x])
    if name == "mulc_":
        assert y[1] == y[2] == (0, 0)
        return [(0, P - 1) if high else (0, 0) for _, high in x]
    assert name == "mul_"
    return REDUCED


def stores(lines: list[str]) -> Iterator[tuple[int, Call]]:
    for line in lines:
        match = re.fullmatch(r"\s*mstore\((\d+), (.*)\)", line)
        if match:
            yield int(match[1]), read(match[2])


def check_lanes(air: CompiledAir, part_bytes: int) -> None:
    inputs = emit.Inputs.of(air)
    scalars = range(emit.SCALARS, emit.SCALARS + len(air.public))
    for part in emit.split_parts(air, part_bytes):
        emitter = emit.PartEmitter(air, inputs)
        lines = emitter.emit(part)
        fixed = {32 * k: BASE if k in scalars else REDUCED for k in range(inputs.size)}
        for place, constant in stores(emitter.constants()):
            assert place not in fixed
            fixed[place] = value(constant, {})
        memory = dict(fixed)
        for line in lines:
            if line.startswith("if"):
                memory = dict(fixed)
            for place, stored in stores([line]):
                assert place not in memory, "two values in one slot"
                memory[place] = value(stored, memory)
            if "acc := " in line:
                value(read(line.split(":= ")[1].replace("(acc,", f"({P - 1},")), memory)


AIRS = [*airs().values(), toy_air(), compression_air(), compile_air("unreduced", [Unreduced()], public=["x"])]


@pytest.mark.parametrize("air", AIRS, ids=lambda air: air.name)
def test_every_lane_keeps_its_place(air: CompiledAir) -> None:
    check_lanes(air, emit.PART_BYTES)
    check_lanes(air, SMALL_PART)


def test_a_laxer_bound_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emit, "LANE_LIMIT", 1 << 90)
    with pytest.raises(AssertionError):
        check_lanes(AIRS[-1], emit.PART_BYTES)
