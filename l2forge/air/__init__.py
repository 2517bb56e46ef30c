"""The language for constraints: chips, their expression graph, and what is derived from it (docs/air.md)."""

from l2forge.air.builder import RANGE_BUS, Builder
from l2forge.air.chip import Chip, Row
from l2forge.air.columns import Columns
from l2forge.air.compile import compile_air
from l2forge.air.compiled import CompiledAir
from l2forge.air.errors import AirError, TraceError, Unsatisfied
from l2forge.air.graph import Expr, Kind, Node
from l2forge.air.table import Selector, Table
from l2forge.stark.claims import Challenges, Claims, Point

__all__ = [
    "RANGE_BUS",
    "AirError",
    "Builder",
    "Challenges",
    "Chip",
    "Claims",
    "Columns",
    "CompiledAir",
    "Expr",
    "Kind",
    "Node",
    "Point",
    "Row",
    "Selector",
    "Table",
    "TraceError",
    "Unsatisfied",
    "compile_air",
]
