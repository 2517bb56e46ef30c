"""A leaf of a Merkle tree is replaced: from the old root and leaf to the new root.

The statement: in a tree of `leaves` leaves, hashed with Poseidon2 (4 + 4 → 4), with root `old_root`, the
leaf at `index` is `old_leaf`; with `new_leaf` in its place the root is `new_root`. Two tables of different
heights, the path and the permutations, are joined by buses.
"""

from examples.merkle_update.air import Path, merkle_air
from examples.merkle_update.witness import merkle_witness

__all__ = ["Path", "merkle_air", "merkle_witness"]
