"""A table of Poseidon2 permutations, of which some are published.

The statement: each published (input, output) is a permutation, and the table holds as many permutations as
it has rows. It is the prover's benchmark: one permutation in a row is faster than over several rows.
"""

from examples.poseidon2_table.air import PublishedPermutation, poseidon2_air
from examples.poseidon2_table.witness import poseidon2_witness

__all__ = ["PublishedPermutation", "poseidon2_air", "poseidon2_witness"]
