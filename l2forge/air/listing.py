"""The canonical listing of an AIR: readable, complete, and hashed as its identity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from l2forge.air.graph import Kind, Node
from l2forge.air.table import Bus, PublicList, Table
from l2forge.stark.field import P
from l2forge.stark.keccak import keccak256

_SYMBOL = {Kind.ADD: "+", Kind.SUB: "-", Kind.MUL: "*"}
_CHALLENGES = ("alpha", "beta", "rho")


def list_air(
    name: str,
    tables: Sequence[Table],
    buses: Sequence[Bus],
    public: Sequence[str],
    lists: Sequence[PublicList],
) -> str:
    """The listing: every line says one thing; nodes are numbered as in `Table.nodes`."""
    lines = [f"air {name}", "format l2forge/air/1"]
    lines += [f"public {k} {scalar}" for k, scalar in enumerate(public)]
    lines += [f"bus {bus.index} {bus.name} width {bus.width}" for bus in buses]
    lines += [f"list {k} {e.name} width {e.width} table {e.table}" for k, e in enumerate(lists)]
    for table in tables:
        lines += _list_table(table, public)
    return "\n".join(lines) + "\n"


def _list_table(table: Table, public: Sequence[str]) -> Iterator[str]:
    presence = "optional" if table.optional else "required"
    heights = f"log_height {table.min_log_height} {table.max_log_height}"
    yield f"table {table.index} {table.name} {heights} {presence}"
    yield from (f"  main {k} {column}" for k, column in enumerate(table.columns))
    for k, column in enumerate(table.preprocessed_columns):
        assert table.preprocessed is not None
        digest = keccak256(table.preprocessed[k].astype(">u8").tobytes())
        yield f"  preprocessed {k} {column} keccak {digest.hex()}"
    for k, periodic in enumerate(table.periodic):
        yield f"  periodic {k} {periodic.name} {' '.join(map(str, periodic.values))}"
    yield from (f"  interaction {k} {column}" for k, column in enumerate(table.interaction_columns))
    yield from (f"  n{k} = {describe(table, node, public)}" for k, node in enumerate(table.nodes))
    for c in table.constraints:
        yield f"  constraint {c.name} {c.selector.name.lower()} n{c.node} degree {c.degree}"
    for i in table.interactions:
        values = " ".join(f"n{v}" for v in i.values)
        yield f"  {'send' if i.sign > 0 else 'receive'} bus {i.bus} times n{i.multiplicity} values {values}"
    yield from (f"  group {' '.join(map(str, g.members))}" for g in table.groups)
    for p in table.publications:
        values = " ".join(f"n{v}" for v in p.values)
        yield f"  publish list {p.list_index} when n{p.when} values {values}"


def describe(table: Table, node: Node, public: Sequence[str]) -> str:
    """One node in words; constants above p/2 are written as negative numbers."""
    if node.kind in _SYMBOL:
        return f"n{node.a} {_SYMBOL[node.kind]} n{node.b}"
    if node.kind == Kind.CONST:
        return str(node.a if node.a <= P // 2 else node.a - P)
    after = "'" if node.b else ""
    names: dict[Kind, Sequence[str]] = {
        Kind.PUBLIC: public,
        Kind.CHALLENGE: _CHALLENGES,
        Kind.PERIODIC: [p.name for p in table.periodic],
        Kind.PREPROCESSED: table.preprocessed_columns,
        Kind.MAIN: table.columns,
        Kind.INTERACTION: table.interaction_columns,
    }
    kind = node.kind.name.lower()
    return f"{kind} {names[node.kind][node.a]}{after}" if node.kind in names else f"{kind} {node.a}"


def formula(table: Table, index: int, public: Sequence[str], *, max_length: int = 400) -> str:
    """The node as a formula of column names, cut to `max_length` characters."""

    def write(k: int, in_product: bool, budget: int) -> str:
        node = table.nodes[k]
        if node.kind not in _SYMBOL:
            text = describe(table, node, public)
            return text.split(" ", 1)[-1] if node.kind != Kind.CONST else text
        if budget <= 0:
            return "…"
        is_product = node.kind == Kind.MUL
        left = write(node.a, is_product, budget - 1)
        right = write(node.b, is_product or node.kind == Kind.SUB, budget - 1)
        text = f"{left}·{right}" if is_product else f"{left} {_SYMBOL[node.kind]} {right}"
        return text if is_product or not in_product else f"({text})"

    text = write(index, False, 12)
    return text if len(text) <= max_length else text[: max_length - 1] + "…"
