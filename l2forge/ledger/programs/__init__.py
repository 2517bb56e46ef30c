"""The rules as programs of the ledger machine: one per operation and variant, compiled from the spec's
integers.

Each function states its rule on a `Program`, in the same integers and with the same rounding as
`l2forge.rules`,
which the engine runs; tests hold the two together operation by operation.
"""
