"""GF(p⁵) = F[z]/(z⁵ − 3) in constraints: an element is five expressions over a chip's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from l2forge.air.graph import Expr
from l2forge.ledger.fp5 import DEGREE, NON_RESIDUE

Quintic: TypeAlias = Sequence[Expr]


def constant(b: Any, values: Sequence[int]) -> list[Expr]:
    """Five ints as constant expressions of the builder `b`."""
    return [b.const(v) for v in values]


def add(x: Quintic, y: Quintic) -> list[Expr]:
    """x + y."""
    return [p + q for p, q in zip(x, y, strict=True)]


def sub(x: Quintic, y: Quintic) -> list[Expr]:
    """x − y."""
    return [p - q for p, q in zip(x, y, strict=True)]


def scale(x: Quintic, factor: Expr | int) -> list[Expr]:
    """factor·x for a factor in F."""
    return [p * factor for p in x]


def shift(x: Quintic, value: int) -> list[Expr]:
    """x + value for a value in F."""
    return [x[0] + value, *x[1:]]


def mul(x: Quintic, y: Quintic) -> list[Expr]:
    """x·y: 25 products."""
    return _reduce([[x[i] * y[k - i] for i in _places(k)] for k in range(2 * DEGREE - 1)])


def square(x: Quintic) -> list[Expr]:
    """x²: 15 products, as those of different coefficients count twice."""
    twice = add(x, x)
    return _reduce(
        [
            [x[i] * x[i] if 2 * i == k else twice[i] * x[k - i] for i in _places(k) if 2 * i <= k]
            for k in range(2 * DEGREE - 1)
        ]
    )


def _places(k: int) -> range:
    """The i with 0 ≤ i, k − i < 5."""
    return range(max(0, k - DEGREE + 1), min(k, DEGREE - 1) + 1)


def _reduce(wide: Sequence[Sequence[Expr]]) -> list[Expr]:
    """Coefficients 0 … 8, given as lists of summands, with z⁵⁺ᵏ = 3·zᵏ."""
    total = [sum(terms[1:], terms[0]) for terms in wide]
    return [total[k] + total[k + DEGREE] * NON_RESIDUE for k in range(DEGREE - 1)] + [total[DEGREE - 1]]
