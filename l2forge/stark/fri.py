"""FRI folding by 8, as polynomials (the prover) and as values at one coset (the verifier).

With g(X) = Σ_{i<8} X^i g_i(X^8), the next layer is Σ_i ζ^i g_i. On a coset of the 8th roots of unity the same
comes from three foldings by 2, with ζ, ζ², ζ⁴: (v(x) + v(−x))/2 + ζ·(v(x) − v(−x))/(2x) at x².
Source: Ben-Sasson et al., Fast Reed–Solomon interactive oracle proofs of proximity (ICALP 2018).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l2forge.stark.ext import Ext, scale_array
from l2forge.stark.field import GENERATOR, P, U64Array, root_of_unity
from l2forge.stark.field_array import add_arrays
from l2forge.stark.params import LOG_FOLD

FOLD = 1 << LOG_FOLD
_HALF = (P + 1) // 2


def reverse_bits(value: int, n_bits: int) -> int:
    """`value` < 2^n_bits with its bits in reverse order."""
    return int(f"{value:0{n_bits}b}"[::-1], 2) if n_bits else 0


def domain_point(layer: int, log_size: int, position: int) -> int:
    """The point of layer `layer` at a bit-reversed position: s^(8^l)·ω^(reversed position)."""
    shift = pow(GENERATOR, FOLD**layer, P)
    return shift * pow(root_of_unity(log_size), reverse_bits(position, log_size), P) % P


def fold_coefficients(coefficients: U64Array, zeta: Ext) -> U64Array:
    """Σ_i ζ^i g_i by Horner in ζ: coefficients (3, n), n a multiple of 8, to (3, n/8)."""
    folded = np.ascontiguousarray(coefficients[:, FOLD - 1 :: FOLD])
    for i in reversed(range(FOLD - 1)):
        folded = add_arrays(scale_array(folded, zeta), np.ascontiguousarray(coefficients[:, i::FOLD]))
    return folded


def fold_values(values: Sequence[Ext], point: int, zeta: Ext) -> Ext:
    """The next layer's value from the eight bit-reversed values of a leaf whose first point is `point`.

    The points of the leaf are point·ω_8^j at bit-reversed j; pairs (x, −x) are neighbours.
    """
    current = list(values)
    inverse = pow(point, -1, P)
    while len(current) > 1:
        root_inverse = pow(root_of_unity(len(current).bit_length() - 1), -1, P)
        n_bits = (len(current) // 2).bit_length() - 1
        folded = []
        for j in range(len(current) // 2):
            x_inverse = inverse * pow(root_inverse, reverse_bits(j, n_bits), P) % P
            even, odd = current[2 * j] + current[2 * j + 1], current[2 * j] - current[2 * j + 1]
            folded.append((even + zeta * (odd * x_inverse)) * _HALF)
        current, inverse, zeta = folded, inverse * inverse % P, zeta * zeta
    return current[0]


def evaluate(coefficients: Sequence[Ext], point: int) -> Ext:
    """The polynomial's value at a point of F, by Horner."""
    c0 = c1 = c2 = 0
    for c in reversed(coefficients):
        c0, c1, c2 = (c0 * point + c.c0) % P, (c1 * point + c.c1) % P, (c2 * point + c.c2) % P
    return Ext(c0, c1, c2)
