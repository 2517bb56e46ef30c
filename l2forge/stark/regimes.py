"""What is known of random combinations of words near a Reed–Solomon code: the decoding regimes.

A code has dimension k, length n = k/ρ. A regime gives the proximity γ up to which its theorem holds, a bound
L on the list of codewords within γ, and the error of one random linear combination, times the field's size.

Sources: BCHKS25 (ePrint 2025/2055), corollary 1.4 (unique decoding) and theorem 4.2 (Johnson bound, its η
corrected to √ρ/2m); ethSTARK (ePrint 2021/582) section 5.9.1; the formulas as ethereum/soundcalc states them
in its proxgaps module.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Regime:
    """Base of the regimes, for a code of rate `rate`."""

    rate: float

    # The lookup round loses log2(L·N·(width + LOOKUP_SLACK)) bits.
    LOOKUP_SLACK = 2

    @property
    def name(self) -> str:
        """The name in tables."""
        return "unique decoding"

    @property
    def assumption(self) -> str:
        """What the bits rest on; empty when they are proven."""
        return ""

    @property
    def gamma(self) -> float:
        """γ, the proximity parameter: γ = (1 − ρ)/2."""
        return (1 - self.rate) / 2

    @property
    def list_size(self) -> float:
        """L, a bound on the codewords within γ of any word."""
        return 1.0

    @property
    def lookup_list_size(self) -> float:
        """The list over which the lookup round takes the union."""
        return self.list_size

    def line_error(self, dimension: float) -> float:
        """Error of one linear combination times the field's size: γn + 1."""
        return self.gamma * dimension / self.rate + 1


@dataclass(frozen=True, slots=True)
class Johnson(Regime):
    """The Johnson bound with multiplicity m ≥ 3: γ = 1 − √ρ(1 + 1/2m), L = (m + ½)/√ρ."""

    m: int = 3

    @property
    def name(self) -> str:
        """The name in tables."""
        return f"Johnson bound, m = {self.m}"

    @property
    def gamma(self) -> float:
        """γ = 1 − √ρ(1 + 1/2m)."""
        return 1 - math.sqrt(self.rate) * (1 + 1 / (2 * self.m))

    @property
    def list_size(self) -> float:
        """L = (m + ½)/√ρ."""
        return (self.m + 0.5) / math.sqrt(self.rate)

    def line_error(self, dimension: float) -> float:
        """(2(m+½)⁵ + 3(m+½)γρ)·n/(3ρ^1.5) + (m+½)/√ρ."""
        shifted = self.m + 0.5
        n = dimension / self.rate
        first = (2 * shifted**5 + 3 * shifted * self.gamma * self.rate) * n / (3 * math.pow(self.rate, 1.5))
        return first + shifted / math.sqrt(self.rate)


@dataclass(frozen=True, slots=True)
class SoundcalcJohnson(Johnson):
    """The Johnson bound as ethereum/soundcalc applies it: a fixed gap η, γ = 1 − √ρ − η, L = 1/(2η√ρ).

    Its lookup round counts neither the list nor two extra columns. Only for comparison with its tables.
    """

    gap: float = 0.0

    LOOKUP_SLACK = 0

    @classmethod
    def of(cls, rate: float, field_bits: float, gap: float | None = None) -> SoundcalcJohnson:
        """Its default gap: √ρ/100, and for fields below 2^150 at least ρ/20."""
        if gap is None:
            gap = math.sqrt(rate) / 100 if field_bits > 150 else max(rate / 20, math.sqrt(rate) / 100)
        return cls(rate, max(3, math.ceil(math.sqrt(rate) / (2 * gap))), gap)

    @property
    def name(self) -> str:
        """The name in tables."""
        return f"Johnson bound, gap {self.gap:.4g} of soundcalc"

    @property
    def gamma(self) -> float:
        """γ = 1 − √ρ − η."""
        return 1 - math.sqrt(self.rate) - self.gap

    @property
    def list_size(self) -> float:
        """L = 1/(2η√ρ)."""
        return 1 / (2 * self.gap * math.sqrt(self.rate))

    @property
    def lookup_list_size(self) -> float:
        """soundcalc leaves the list out of the lookup round."""
        return 1.0


@dataclass(frozen=True, slots=True)
class Conjectured(Regime):
    """The "toy problem" of ethSTARK: agreement up to capacity, γ = 1 − ρ, lists of one, error n per line."""

    @property
    def name(self) -> str:
        """The name in tables."""
        return "conjectured"

    @property
    def assumption(self) -> str:
        """What is conjectured, and what is known against it."""
        return (
            "conjectured, not proven: no cheating word does better than rejection with probability 1 − ρ "
            "per query (the toy problem of ethSTARK, ePrint 2021/582, section 5.9.1). As a statement on all "
            "words up to capacity it has been refuted (ePrint 2025/2010, 2025/2046); no attack on FRI "
            "follows from that"
        )

    @property
    def gamma(self) -> float:
        """γ = 1 − ρ."""
        return 1 - self.rate

    def line_error(self, dimension: float) -> float:
        """n = k/ρ."""
        return dimension / self.rate


MAX_MULTIPLICITY = 1000


def candidates(name: str, rate: float) -> list[Regime]:
    """The regimes that the name stands for; the best of them counts (m ≥ 3 is maximised over).

    Raises KeyError for a name other than unique, johnson, conjectured.
    """
    if name == "johnson":
        return [Johnson(rate, m) for m in range(3, MAX_MULTIPLICITY + 1)]
    return [{"unique": Regime, "conjectured": Conjectured}[name](rate)]
