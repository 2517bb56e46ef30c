"""Limbs and counts that the language computes, and the chips' own witnesses against slow oracles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2forge.air import Columns, TraceError
from l2forge.air.chips.poseidon2 import N_COLUMNS, WIDTH, fill_permutations
from l2forge.air.chips.poseidon2_rows import permutation_rows
from l2forge.air.witness import make_trace
from l2forge.stark.field import P
from l2forge.stark.poseidon2 import permute_ints


@given(st.integers(0, 2**63 - 1), st.integers(-(2**39), 2**39 - 1))
def test_limbs_are_the_low_16_bit_words(unsigned: int, signed: int) -> None:
    columns = Columns(x="u63", y="i40", z="u16")
    trace = make_trace(columns, 1, {"x": [unsigned], "y": [signed], "z": [5]})
    assert columns.names[3:] == ("x.limb0", "x.limb1", "x.limb2", "y.limb0", "y.limb1")
    shifted = signed + 2**39
    assert trace[:, 0].tolist() == [
        unsigned,
        signed % P,
        5,
        *[(unsigned >> (16 * k)) & 0xFFFF for k in range(3)],
        *[(shifted >> (16 * k)) & 0xFFFF for k in range(2)],
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"x": [1]}, "the columns \\['y'\\] are missing"),
        ({"x": [1], "y": [[1], [2]], "z": [1]}, "no column 'z'"),
        ({"x": [1, 2, 3], "y": [[1], [2]]}, "has 3 rows, above 2\\^1"),
    ],
)
def test_wrong_columns_are_named(values: dict[str, list[int]], message: str) -> None:
    with pytest.raises(TraceError, match=message):
        make_trace(Columns(x="u16", y="field[2]"), 1, values)


@pytest.mark.parametrize("rows", [1, 2, 255, 256, 257, 1024])
def test_permutations_in_one_row_are_those_of_the_hash(rows: int) -> None:
    inputs = np.random.default_rng(rows).integers(0, P, (WIDTH, rows), dtype=np.uint64)
    inputs[:, 0] = P - 1
    trace = np.zeros((N_COLUMNS, rows), np.uint64)
    fill_permutations(inputs, trace)
    for row in {0, rows // 2, rows - 1}:
        assert trace[-WIDTH:, row].tolist() == permute_ints(inputs[:, row].tolist())


def test_permutations_over_four_rows_end_in_the_same_output() -> None:
    inputs = np.random.default_rng(1).integers(0, P, (WIDTH, 8), dtype=np.uint64)
    trace = permutation_rows(inputs, np.arange(8, dtype=np.uint64))
    assert trace.shape == (50, 32)
    for k in range(8):
        assert trace[36:48, 4 * k + 3].tolist() == permute_ints(inputs[:, k].tolist())
        assert trace[48:, 4 * k + 2].tolist() == [k, k]
