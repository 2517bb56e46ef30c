"""The ledger machine: programs compiled from a spec's rules, and the interpreter that runs them
(docs/machine.md).
"""
