"""Kernels of the curve: GF(p⁵), the group, signatures; `l2forge.ledger.ecgfp5` is their oracle."""
