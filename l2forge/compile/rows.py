"""The combination of opened rows on L1 as straight-line Yul: templates/contracts/verifier/RowCombiner.sol.j2.

The plain form is Σ_j λ^j·f_j over the columns of a row (docs/protocol.md, section 5), as the Python verifier
computes it; here a column is two products of its value with words that hold the three coefficients of λ^j.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

COEFFICIENTS = 0x180
"""Memory below: 4 words of refusals by kind, the power of λ, λ (3 words each), two masks."""
COEFFICIENT_BYTES = 64
VALUE_BYTES, VALUES_PER_WORD = 8, 4
HEADER_WORDS = 2
MAX_TERMS = 1 << 12
"""Sums of this many products of 64 by 64 bits stay within their lane of 140 bits."""
INTERACTION = 2
LIMBS = 3


class Matrix(Protocol):
    """What is read of a matrix: its kind (0 to 3), base columns, and those also opened on the next row."""

    @property
    def kind(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def mask(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class RowProgram:
    """The generated lines of one AIR's RowCombiner. Matrices in the order of the batching's powers."""

    matrices: Sequence[Matrix]

    @cached_property
    def _starts(self) -> tuple[list[int], list[int]]:
        """Where each matrix's coefficients begin: of the columns at z, of those at z·ω_n."""
        at = COEFFICIENTS
        starts: tuple[list[int], list[int]] = ([], [])
        for found, counts in zip(starts, self._counts, strict=True):
            for count in counts:
                found.append(at)
                at += COEFFICIENT_BYTES * count
        return starts

    @property
    def _counts(self) -> tuple[list[int], list[int]]:
        """Base columns of each matrix opened at z, and at z·ω_n."""
        return [m.width for m in self.matrices], [len(m.mask) for m in self.matrices]

    @property
    def results(self) -> int:
        """Where the results begin, behind all coefficients."""
        return COEFFICIENTS + COEFFICIENT_BYTES * sum(map(sum, self._counts))

    @property
    def coefficients(self) -> Iterator[str]:
        """The runs of powers of λ: of present matrices at z, then of their masked columns at z·ω_n."""
        for starts, counts in zip(self._starts, self._counts, strict=True):
            for k, (matrix, start, count) in enumerate(zip(self.matrices, starts, counts, strict=True)):
                limbs = LIMBS if matrix.kind >= INTERACTION else 1
                if count:
                    call = f"powers_({start}, {count // limbs}, {COEFFICIENT_BYTES * limbs})"
                    yield f"if calldataload({_pointer(k)}) {{ {call} }}"

    @property
    def statements(self) -> Iterator[str]:
        """Query i: adds every matrix's row to the sums (a, b) at z and (e, f) at z·ω_n."""
        for k, (matrix, at_z, at_next) in enumerate(zip(self.matrices, *self._starts, strict=True)):
            yield "{"
            yield f"let c := calldataload({_pointer(k)})"
            yield "if c {"
            yield f"c := add(calldataload(add(c, i)), calldataload({_pointer(k) + 32}))"
            for first in range(0, matrix.width, VALUES_PER_WORD):
                yield from self._word(matrix, first, at_z, at_next)
            slot = 32 * matrix.kind
            yield "}"
            if k + 1 == len(self.matrices) or self.matrices[k + 1].kind != matrix.kind:
                yield f"mstore({slot}, or(mload({slot}), bad)) bad := 0"
            yield "}"

    def _word(self, matrix: Matrix, first: int, at_z: int, at_next: int) -> Iterator[str]:
        """Four columns, or those that are left: the others are shifted out."""
        count = min(VALUES_PER_WORD, matrix.width - first)
        load = f"calldataload(add(c, {VALUE_BYTES * first}))" if first else "calldataload(c)"
        if count < VALUES_PER_WORD:
            unread = 64 * (VALUES_PER_WORD - count)
            load = f"shl({unread}, shr({unread}, {load}))"
        yield f"{{ let w := {load}"
        yield "bad := or(bad, and(add(and(w, mload(0x140)), mload(0x160)), w))"
        values = ["shr(192, w)", "and(shr(128, w), m)", "and(shr(64, w), m)", "and(w, m)"]
        for k in range(count):
            yield f"let v{k} := {values[k]}"
        coefficients = [at_z + COEFFICIENT_BYTES * (first + k) for k in range(count)]
        yield from _add("a", "b", list(enumerate(coefficients)))
        masked = [
            (column - first, at_next + COEFFICIENT_BYTES * j)
            for j, column in enumerate(matrix.mask)
            if first <= column < first + count
        ]
        if masked:
            yield from _add("e", "f", masked)
        yield "}"


def _pointer(k: int) -> int:
    """Where in calldata the k-th matrix's list pointer is; the offset follows."""
    return 32 * (HEADER_WORDS + 2 * k)


def _add(low: str, high: str, terms: Sequence[tuple[int, int]]) -> Iterator[str]:
    for name, shift in ((low, 0), (high, 32)):
        total = name
        for value, coefficient in terms:
            total = f"add({total}, mul(v{value}, mload({coefficient + shift})))"
        yield f"{name} := {total}"
