"""The state in memory, what a batch does to its trees, and its serialisation."""

from l2forge.ledger.state.snapshot import restore, snapshot
from l2forge.ledger.state.state import LeafRows, Shape, State, TreeWitness
from l2forge.ledger.state.trees import NodeRows, Tree

__all__ = ["LeafRows", "NodeRows", "Shape", "State", "Tree", "TreeWitness", "restore", "snapshot"]
