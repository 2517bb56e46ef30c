"""What each economic warning means: entries of the catalogue, grouped as the checks are."""

from l2forge.spec.warnings.catalogue import custody, margins, prices, trading

__all__ = ["custody", "margins", "prices", "trading"]
