"""Kill witnesses of the unit tables: scripts whose calls are served by rows that break one rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from l2forge.ledger.chips.units import Gather
from l2forge.ledger.machine.isa import Unit
from l2forge.stark.field import GENERATOR, P, U64Array
from l2forge.stark.public import PublicValues
from tests.ledger.units.caller import Line, Script, settle
from tests.ledger.units.refusals import ACCESS, GATHER, MULDIV, RANGES, Cells, change, changed
from tests.soundness.kills_machine import kills_of_ranges
from tests.soundness.statements import Statement, units_statement


def with_cells(script: Script, table: int, row: int, cells: Cells) -> Statement:
    """The statement of a script after some cells of one row of a unit table are changed."""
    return settle(script.air(), changed(script, table, row, cells))


# --- access


def in_halves(script: Script, table: int) -> Statement:
    """The one call that a table serves, half each by two rows."""
    traces = script.traces()
    trace = traces[table]
    assert trace is not None
    trace[:, 1] = trace[:, 0]
    trace[0] = pow(2, -1, P)
    return settle(script.air(), traces)


def one_read() -> Script:
    """A READ of the first of two words."""
    script = Script(memory={1000: 4, 1001: 9})
    script.read(script.values(1000)[0])
    return script


def one_range() -> Script:
    """A RANGE."""
    script = Script()
    script.range(5)
    return script


def read_of_the_next_word() -> Statement:
    """The number 1 as 1 − 256 + 256·1, of the word at a + 1."""
    script = Script(memory={1000: 4, 1001: 9})
    (address,) = script.values(1000)
    script.add(9, Unit.READ, address)
    return with_cells(script, ACCESS, 0, {"writes": -256, "offset": 1})


def read_that_writes() -> Statement:
    """A READ whose operand b is another value, which it leaves."""
    script = Script(memory={1000: 5})
    address, other = script.values(1000, 6)
    script.add(5, Unit.READ, address, other)
    return settle(script.air(), script.traces())


# --- muldiv


def two_half_rows() -> Statement:
    """mode² − 3·mode + 1 = 0: each of two rows takes half a call of a DIVREM with b = mode − 1."""
    root = pow(GENERATOR, (P - 1) // 5, P)
    mode = (1 - root**2 - root**3) % P
    script = Script()
    script.muldiv(6, 7, 2, 0)
    script.lines[3] = Line(mode - 1)
    traces = script.traces()
    for row in range(2):
        trace = traces[MULDIV]
        assert trace is not None
        trace[:, row] = trace[:, 0]
        change(trace, MULDIV, row, {"mode": mode})
    return settle(script.air(), traces)


def product_above_2_62() -> Statement:
    """2^32·2^31 = 1·0 + 0, mod 2^62."""
    script = Script()
    script.muldiv(2**32, 2**31, 1, 0, (0, 0))
    return settle(script.air(), script.traces())


def product_mod_p() -> Statement:
    """2^32·(2^32 − 1) = 2·0 − 1, mod p; the carry of the lower terms is no integer, the other one is 0."""
    script = Script()
    script.muldiv(2**32, 2**32 - 1, 2, 1, (0, 1))
    return with_cells(script, MULDIV, 0, {"carry[0]": 0, "carry[1]": 0})


# --- gather


def called(unit: Unit) -> Script:
    """A script with one call that takes a run of ten values, and lines around it."""
    script = Script()
    script.values(*range(200, 220))
    script.run_of(unit, range(100, 110))
    script.values(*range(300, 310))
    return script


def next_with_digest_minus_1() -> Statement:
    """digest = −1, absorb = other = 1: the unit 17, as an ABSORB, a SIGNED and a digest less."""
    script = called(Unit.ABSORB_NEXT)
    t = next(k for k, line in enumerate(script.lines) if line.number)
    x = {f"x[{k}]": script.lines[t - 3 - 3 * k].value for k in range(5)}
    return with_cells(script, GATHER, 0, {"digest": -1, "absorb": 1, "other": 1, "code": 0, **x})


def signature_uncalled(**flags: int) -> Callable[[], Statement]:
    """A row of two flags whose sum is 0: it takes no call."""
    return lambda: with_cells(called(Unit.SIGNED), GATHER, 1, {**flags, "x[0]": 7})


def signed_as(**cells: int) -> Callable[[], Statement]:
    """A SIGNED that is served as something else."""

    def make() -> Statement:
        script = called(Unit.SIGNED)
        t = next(k for k, line in enumerate(script.lines) if line.number)
        after = {f"x[{k}]": script.lines[t + 1 + k].value for k in range(5)} if cells.get("digest") else {}
        return with_cells(script, GATHER, 0, {"other": 0, **cells, **after})

    return make


def two_calls_that_publish_parts() -> Statement:
    """Codes c, c′ that no unit has: request multiplicities r·r′ = 1 and payout multiplicities s·s′ = 1.

    r = c·(2 − c) and s = c·(c − 1)/2, so with the product m and the sum n of the codes, m² − 2m − 7 = 0 and
    n = m + 1 − 4/m. Two rows that publish by r and 1/r leave the fingerprint of another list of two tuples.
    """
    codes = _codes()
    script = Script()
    for k, code in enumerate(codes):
        places = script.values(*range(100 * k, 100 * k + 12))
        script.add(0, (Unit.SIGNED + code) % P, places[0], places[1])
    traces, run = script.traces(), script.run()
    gather = np.zeros((len(Gather.columns), 2), np.uint64)
    for row, (code, t) in enumerate(zip(codes, (12, 25), strict=True)):
        gather[2:8, row] = 1, code, t, run.a[t], run.b[t], run.values[t]
        gather[8:, row] = run.values[t - 10 : t][::-1]
    traces[GATHER] = gather
    air, traces, _ = settle(script.air(), traces)
    requests = np.concatenate([gather[5:7], gather[8:][::-1]])
    parts = (
        (requests, [c * (2 - c) % P for c in codes]),
        (requests[6:], [c * (c - 1) * _half() % P for c in codes]),
    )
    return air, traces, PublicValues((), tuple(_fractional_list(*part) for part in parts))


def _half() -> int:
    return pow(2, -1, P)


def _codes() -> tuple[int, int]:
    """See `two_calls_that_publish_parts`."""
    for sign in (1, -1):
        m = (1 + sign * 2 * square_root(2)) % P
        n = (m + 1 - 4 * pow(m, -1, P)) % P
        square = (n * n - 4 * m) % P
        if pow(square, (P - 1) // 2, P) == 1:
            root = square_root(square)
            return (n + root) * _half() % P, (n - root) * _half() % P
    raise ValueError("no codes")


def _fractional_list(tuples: U64Array, when: Sequence[int]) -> U64Array:
    """The list with the fingerprint that two rows of multiplicities r, 1/r leave: with S = ρ^w − 1,

    (1 + r·S + r·v)(1 + r′·S) + r′·v′ = ρ^2w + (v + r + r′ − 2)·ρ^w + (r − 1)·v + r′·v′ + 2 − r − r′.
    """
    (v, v_), (r, r_) = tuples.T.tolist(), when
    first = [*v[:-1], v[-1] + r + r_ - 2]
    second = [(r - 1) * x + r_ * y for x, y in zip(v, v_, strict=True)]
    second[-1] += 2 - r - r_
    return np.array([[x % P for x in row] for row in (first, second)], np.uint64)


def square_root(x: int) -> int:
    """A root of a square mod p. Source: Tonelli, Shanks."""
    odd, order = (P - 1) >> 32, 32
    root, rest = pow(x, (odd + 1) // 2, P), pow(x, odd, P)
    unit = pow(GENERATOR, odd, P)
    while rest != 1:
        power, least = rest, 0
        while power != 1:
            power, least = power * power % P, least + 1
        factor = pow(unit, 1 << (order - least - 1), P)
        order, unit = least, factor * factor % P
        root, rest = root * factor % P, rest * unit % P
    return root


def kills_of_units() -> Iterator[tuple[str, Callable[[], Statement]]]:
    """Constraint → statement, for the unit tables."""
    yield "access/is_real/boolean", lambda: in_halves(one_read(), ACCESS)
    yield "access/writes/boolean", read_of_the_next_word
    yield "access/read_leaves_what_it_finds", read_that_writes
    yield "ranges/is_real/boolean", lambda: in_halves(one_range(), RANGES)
    yield "muldiv/mode", two_half_rows
    yield "muldiv/product_mod_p", product_above_2_62
    yield "muldiv/product_mod_2_32", product_mod_p
    yield "gather/digest/boolean", next_with_digest_minus_1
    yield "gather/absorb/boolean", signature_uncalled(absorb=-1, other=1)
    yield "gather/other/boolean", signature_uncalled(absorb=1, other=-1)
    yield "gather/digest_has_code_0", signed_as(digest=1, code=1)
    yield "gather/absorb_has_code_0_to_3", signed_as(absorb=1, code=-9)
    yield "gather/other_has_code_0_to_2", two_calls_that_publish_parts
    yield from kills_of_ranges(units_statement)
