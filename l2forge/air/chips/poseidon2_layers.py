"""The rounds of Poseidon2 (width 12) as expressions; the instance is that of `l2forge.stark.poseidon2`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

from l2forge.air.graph import Expr
from l2forge.stark.field import P
from l2forge.stark.poseidon2_constants import INTERNAL_DIAGONAL

WIDTH = 12


def _m4(x0: Expr, x1: Expr, x2: Expr, x3: Expr) -> list[Expr]:
    """Rows 2 3 1 1 / 1 2 3 1 / 1 1 2 3 / 3 1 1 2, by additions."""
    x01, x23 = x0 + x1, x2 + x3
    total = x01 + x23
    with_x1, with_x3 = total + x1, total + x3
    return [with_x1 + x01, with_x1 + (x2 + x2), with_x3 + x23, with_x3 + (x0 + x0)]


def external_layer(state: Sequence[Expr]) -> list[Expr]:
    """M4 on each group of four, and to each element the sum of the elements at its place in all groups."""
    groups = [_m4(*state[4 * g : 4 * g + 4]) for g in range(3)]
    sums = [groups[0][k] + groups[1][k] + groups[2][k] for k in range(4)]
    return [groups[k // 4][k % 4] + sums[k % 4] for k in range(WIDTH)]


def external_layer_inverse(state: Sequence[Expr]) -> list[Expr]:
    """The state before an external layer: its groups less a quarter of their sum, each by M4⁻¹.

    The sum of the groups after the layer is four times that before it. M4 is the circulant of (2, 3, 1, 1),
    its inverse that of (−4, 3, −11, 17)/35.
    """
    quarter = pow(4, -1, P)
    sums = [(state[k] + state[k + 4] + state[k + 8]) * quarter for k in range(4)]
    mixed = [x - sums[k % 4] for k, x in enumerate(state)]
    coefficients = [c * pow(35, -1, P) % P for c in (-4, 3, -11, 17)]
    return [
        reduce(add, [mixed[4 * (k // 4) + j] * coefficients[(j - k) % 4] for j in range(4)])
        for k in range(WIDTH)
    ]


def full_round(state: Sequence[Expr], constants: Sequence[Expr | int]) -> list[Expr]:
    """External layer of (state + constants)⁷: degree 7 in the state."""
    return external_layer([(x + c) ** 7 for x, c in zip(state, constants, strict=True)])


def partial_round(state: Sequence[Expr], constant: Expr | int, total: Expr) -> tuple[Expr, list[Expr]]:
    """One partial round with the sum of its state after the S-box as a witnessed `total`.

    Returns (total − Σ_{k>0} x_k − (x_0 + constant)⁷, which must vanish, and the state after the round:
    d_k·x_k + total), where x_0 after the S-box is total − Σ_{k>0} x_k: linear in the columns.
    """
    after_sbox = total - reduce(add, state[1:])
    mixed = [total + x * d for x, d in zip([after_sbox, *state[1:]], INTERNAL_DIAGONAL, strict=True)]
    return after_sbox - (state[0] + constant) ** 7, mixed
