"""A statement proven and verified on a local chain: the leaf of a Merkle tree is replaced."""
