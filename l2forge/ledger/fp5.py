"""The quintic extension GF(p⁵) = GF(p)[z]/(z⁵ − 3) of Goldilocks on Python integers: slow and obvious.

An element a0 + a1·z + … + a4·z⁴ is the tuple (a0, …, a4) of canonical ints. Powers of p are cheap, as
(Σ aᵢzⁱ)^p = Σ aᵢ·wⁱ·zⁱ with w = z^(p−1) = 3^((p−1)/5); so inverse, square root and the quadratic character
go through the norm N(a) = a^(1 + p + p² + p³ + p⁴), which lies in GF(p).
"""

from __future__ import annotations

from functools import reduce
from typing import TypeAlias

from l2forge.stark.field import TWO_ADIC_ROOT, TWO_ADICITY, P

Fp5: TypeAlias = tuple[int, int, int, int, int]

DEGREE = 5
NON_RESIDUE = 3
"""z⁵."""
ZERO: Fp5 = (0, 0, 0, 0, 0)
ONE: Fp5 = (1, 0, 0, 0, 0)

_FROBENIUS = tuple(pow(NON_RESIDUE, i * (P - 1) // DEGREE, P) for i in range(DEGREE))
_ODD_PART = (P - 1) >> TWO_ADICITY


def element(*coefficients: int) -> Fp5:
    """c0 + c1·z + …, from up to five integers of any sign and size."""
    padded = [c % P for c in coefficients] + [0] * (DEGREE - len(coefficients))
    a0, a1, a2, a3, a4 = padded
    return a0, a1, a2, a3, a4


def is_canonical(a: tuple[int, ...]) -> bool:
    """Whether `a` has five coefficients, each in 0 … p − 1."""
    return len(a) == DEGREE and all(0 <= c < P for c in a)


def add(a: Fp5, b: Fp5) -> Fp5:
    """a + b."""
    return element(*(x + y for x, y in zip(a, b, strict=True)))


def sub(a: Fp5, b: Fp5) -> Fp5:
    """a − b."""
    return element(*(x - y for x, y in zip(a, b, strict=True)))


def neg(a: Fp5) -> Fp5:
    """−a."""
    return element(*(-x for x in a))


def scale(a: Fp5, factor: int) -> Fp5:
    """factor·a for an integer factor of any sign."""
    return element(*(factor * x for x in a))


def mul(a: Fp5, b: Fp5) -> Fp5:
    """a·b: schoolbook product, then z⁵⁺ᵏ = 3·zᵏ."""
    wide = [0] * (2 * DEGREE)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            wide[i + j] += x * y
    return element(*(wide[k] + NON_RESIDUE * wide[k + DEGREE] for k in range(DEGREE)))


def square(a: Fp5) -> Fp5:
    """a²."""
    return mul(a, a)


def power(a: Fp5, exponent: int) -> Fp5:
    """a^exponent for an exponent ≥ 0; 0⁰ = 1."""
    result = ONE
    for bit in bin(exponent)[2:]:
        result = mul(square(result), a) if bit == "1" else square(result)
    return result


def frobenius(a: Fp5, times: int = 1) -> Fp5:
    """a^(p^times)."""
    return element(*(x * pow(factor, times, P) for x, factor in zip(a, _FROBENIUS, strict=True)))


def _conjugates(a: Fp5) -> Fp5:
    """N(a)/a = a^(p + p² + p³ + p⁴)."""
    return reduce(mul, (frobenius(a, i) for i in range(1, DEGREE)))


def norm(a: Fp5) -> int:
    """N(a) = a^((p⁵ − 1)/(p − 1)), an element of GF(p)."""
    return mul(a, _conjugates(a))[0]


def inverse(a: Fp5) -> Fp5:
    """1/a. Raises ZeroDivisionError for 0."""
    if a == ZERO:
        raise ZeroDivisionError("0 has no inverse in GF(p⁵)")
    rest = _conjugates(a)
    return scale(rest, pow(mul(a, rest)[0], -1, P))


def divide(a: Fp5, b: Fp5) -> Fp5:
    """a/b. Raises ZeroDivisionError for b = 0."""
    return mul(a, inverse(b))


def legendre(a: Fp5) -> int:
    """1 for a non-zero square, −1 for a non-square, 0 for 0: N(a)^((p − 1)/2), as (p⁵ − 1)/(p − 1) is odd."""
    character = pow(norm(a), (P - 1) // 2, P)
    return -1 if character == P - 1 else character


def sqrt(a: Fp5) -> Fp5 | None:
    """A square root of a (which of the two is unspecified), or None for a non-square.

    With r = (p + p² + p³ + p⁴)/2, a^r squared is N(a)/a; so √a = √N(a)/a^r, where r = (1 + p²)·p·(p + 1)/2.
    """
    if a == ZERO:
        return ZERO
    if legendre(a) != 1:
        return None
    half = frobenius(power(a, (P + 1) // 2))
    root = mul(half, frobenius(half, 2))
    return scale(inverse(root), _sqrt_base(norm(a)))


def _sqrt_base(a: int) -> int:
    """A square root of a non-zero square of GF(p), by Tonelli and Shanks."""
    root, rest = pow(a, (_ODD_PART + 1) // 2, P), pow(a, _ODD_PART, P)
    for log_order in range(TWO_ADICITY - 1, 0, -1):
        # rest = root²/a has an order that divides 2^log_order; make it divide 2^(log_order − 1)
        if pow(rest, 1 << (log_order - 1), P) != 1:
            correction = pow(TWO_ADIC_ROOT, 1 << (TWO_ADICITY - 1 - log_order), P)
            root, rest = root * correction % P, rest * correction * correction % P
    return root
