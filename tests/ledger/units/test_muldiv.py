"""MULDIV and DIVREM against Python integers; and false products of all kinds, refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2forge.air.errors import TraceError
from l2forge.ledger.chips.units import fill_muldiv
from l2forge.ledger.machine.isa import WORD_BOUND, Unit
from l2forge.stark.field import P
from tests.ledger.units.caller import Line, Script, divide
from tests.ledger.units.refusals import MULDIV, names_of, refused_by

MAX = WORD_BOUND - 1
PRODUCT = {"muldiv/product_mod_p", "muldiv/product_mod_2_32", "bus range16"}
words = st.one_of(
    st.integers(0, MAX),
    st.integers(0, 62).flatmap(lambda n: st.integers(0, 1 << n)),
    st.sampled_from((0, 1, 2**16 - 1, 2**32 - 1, 2**32, 2**46, 2**48 - 1, 2**62 - 1, MAX)),
)
cases = st.tuples(words, words, words.filter(bool), st.integers(0, 1)).filter(
    lambda case: divide(*case)[0] < WORD_BOUND
)


def script_of(*quotients: tuple[int, int, int, int] | tuple[int, int, int, int, tuple[int, int]]) -> Script:
    """A script that divides: a, b, d, up and perhaps (q, r)."""
    script = Script()
    for quotient in quotients:
        script.muldiv(*quotient)
    return script


@settings(max_examples=25, deadline=None)
@given(st.lists(cases, min_size=1, max_size=12))
def test_true_quotients_are_accepted(quotients: list[tuple[int, int, int, int]]) -> None:
    assert refused_by(script_of(*quotients)) == set()


def test_the_extremes_are_accepted() -> None:
    """All limbs full, carries at both ends."""
    ends = [(MAX, MAX, MAX, up) for up in (0, 1)]
    ends += [(2**62 - 1, 2**62 - 1, 2**62 - 1, up) for up in (0, 1)]
    ends += [(MAX, 2**48 - 1, 2**48 + 1, up) for up in (0, 1)]
    ends += [(0, MAX, MAX, up) for up in (0, 1)] + [(1, 1, MAX, up) for up in (0, 1)]
    ends += [(2**32 - 1, 2**32 - 1, 2**16 - 1, 0), (2**32, 2**61 - 1, 2**32 - 1, 1)]
    assert refused_by(script_of(*ends)) == set()


@settings(max_examples=25, deadline=None)
@given(cases, st.sampled_from((-2, -1, 1, 2)))
def test_another_quotient_with_its_remainder_is_refused(case: tuple[int, int, int, int], by: int) -> None:
    a, b, d, up = case
    q = divide(*case)[0] + by
    r = (d * q - a * b) if up else a * b - d * q
    assert refused_by(script_of((a, b, d, up, (q % P, r % P)))) & {"bus range16", *PRODUCT}


@settings(max_examples=25, deadline=None)
@given(cases, words, words)
def test_another_pair_is_refused(case: tuple[int, int, int, int], q: int, r: int) -> None:
    if (q, r) != divide(*case):
        assert refused_by(script_of((*case, (q, r)))) & PRODUCT


WRAPPED: Sequence[tuple[str, tuple[int, int, int, int, tuple[int, int]], set[str]]] = [
    ("true mod p alone", (2**32, 2**32 - 1, 2, 1, (0, 1)), {"muldiv/product_mod_2_32"}),
    ("true mod 2^62 alone", (2**32, 2**31, 1, 0, (0, 0)), {"muldiv/product_mod_p"}),
    ("r = d", (10, 10, 10, 0, (9, 10)), {"bus range16"}),
    ("r = d, up", (10, 10, 10, 1, (11, 10)), {"bus range16"}),
    ("r > d", (10, 10, 10, 0, (0, 100)), {"bus range16"}),
    ("r far above a small d", (2**61, 2, 5, 0, (0, 2**62)), {"bus range16"}),
    ("division by 0", (0, 7, 0, 0, (1, 0)), {"bus range16"}),
    ("0/0 with a remainder", (0, 7, 0, 1, (0, 0)), {"bus range16"}),
    ("rounded the other way", (7, 1, 2, 1, (3, 1)), PRODUCT),
    ("a quotient of −1", (2**32, 2**32 - 1, 1, 0, (P - 1, 0)), {"bus range16"}),
    ("an inverse mod p", (1, 1, 3, 0, (pow(3, -1, P), 0)), {"bus range16"}),
    ("a negative operand", (P - 1, 1, 1, 0, (P - 1, 0)), {"bus range16"}),
    ("an operand at the bound", (WORD_BOUND, 1, 1, 0, (WORD_BOUND, 0)), {"bus range16"}),
    ("an operand of 63 bits", (2**63 - 1, 1, 1, 0, (2**63 - 1, 0)), {"bus range16"}),
    ("a divisor of 63 bits", (1, 1, 2**63 - 1, 0, (0, 1)), {"bus range16"}),
]


@pytest.mark.parametrize(
    ("quotient", "names"), [case[1:] for case in WRAPPED], ids=[case[0] for case in WRAPPED]
)
def test_a_false_quotient_is_refused(
    quotient: tuple[int, int, int, int, tuple[int, int]], names: set[str]
) -> None:
    found = refused_by(script_of(quotient))
    assert found and found <= names | PRODUCT


def test_products_of_large_operands_do_not_wrap() -> None:
    """For large operands, each q near the true one whose r mod p, or mod 2^64, is small."""
    a, b, d = 2**62 - 57, 2**62 - 171, 2**62 - 3
    q, _ = divide(a, b, d, 0)
    for wrap in (P, 2**62, 2**64, P << 62):
        for k in range(1, 4):
            other, r = divmod(a * b - k * wrap, d)
            if 0 <= other < WORD_BOUND and other != q:
                assert refused_by(script_of((a, b, d, 0, (other, r)))) & PRODUCT


def test_a_rounding_that_is_no_boolean_is_refused() -> None:
    for up in (2, P - 2, pow(2, -1, P)):
        script = script_of((6, 7, 2, 0))
        script.lines[3] = Line(up)
        assert refused_by(script) & {"muldiv/mode", "bus call"}


@pytest.mark.parametrize("cell", ["carry[0]", "carry[1]"])
def test_another_carry_is_refused(cell: str) -> None:
    for value in (0, 1, 0xFFFF, P - 1):
        assert (
            refused_by(script_of((2**61 + 7, 2**60 + 9, 2**61 - 77, 0)), MULDIV, 0, {cell: value}) & PRODUCT
        )


def test_a_pair_of_calls_cannot_be_mixed_with_another() -> None:
    """The q of one division with the divisor of another."""
    script = script_of((10**9, 10**9, 7, 0), (10**9, 10**9, 11, 0))
    traces = script.traces()
    trace = traces[MULDIV]
    assert trace is not None
    kept = trace[10:14].copy()
    trace[10:14, :2] = kept[:, :2][:, ::-1]
    assert "bus call" in names_of(script, traces)


def test_a_division_without_remainder_call_has_no_witness() -> None:
    script = Script()
    script.add(6, Unit.MULDIV, *script.values(2, 3))
    with pytest.raises(TraceError, match="in pairs"):
        fill_muldiv(script.run())


def test_a_script_that_divides_nothing_has_no_table() -> None:
    script = Script()
    script.values(1, 2)
    assert fill_muldiv(script.run()) is None
