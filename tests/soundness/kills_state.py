"""Kill witnesses of the tables of leaves and nodes, each alone: who else is asked agrees to everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from l2forge.ledger.chips.leaf import Leaves
from l2forge.ledger.chips.node import PUBLIC
from l2forge.stark.field import P, U64Array
from l2forge.stark.public import PublicValues
from tests.ledger.state.alone import (
    LARGE,
    LEAVES,
    SMALL,
    Cells,
    Statement,
    changed,
    leaf_rows,
    leaves_trace,
    node_padding,
    nodes_statement,
)

Kill = Callable[[], Statement]
HALF = pow(2, -1, P)
PADDING = 12
"""The first padding row below the leaves of `LEAVES`; there are four."""


def first_row(name: str) -> int:
    """Where a leaf begins below those before it."""
    rows = leaf_rows()
    return sum(rows[other].shape[1] for other in LEAVES[: LEAVES.index(name)])


def leaves_with(cells: Cells) -> Kill:
    """The leaves with some cells changed."""

    def make() -> Statement:
        rows = leaf_rows()
        return changed("leaves", leaves_trace([rows[name] for name in LEAVES]), cells)

    return make


def in_leaf(name: str, block: int = 0, **cells: int) -> Kill:
    """The leaves with cells of one block of a leaf changed; a name k__3 means k[3]."""
    row = first_row(name) + block
    return leaves_with({(_column(column), row): value for column, value in cells.items()})


def in_padding(row: int = PADDING, **cells: int) -> Kill:
    """The leaves with cells of a padding row changed."""
    return leaves_with({(column, row): value for column, value in cells.items()})


def _column(name: str) -> str:
    base, _, index = name.partition("__")
    return f"{base}[{index}]" if index else base


def address_and_number(trace: U64Array, row: int) -> tuple[int, int]:
    """The address and the number of a block."""
    return int(trace[Leaves.columns.index("address"), row]), int(trace[Leaves.columns.index("number"), row])


def venue_less_an_order() -> Statement:
    """venue = −1 and order = 1 on two padding rows: each takes the fingerprint times 2 − ρ^w, and so both
    together append to the list what (2 − ρ^w)² = ρ^2w − 4·ρ^w + 4 makes of it."""
    cells = {(name, PADDING + k): value for name, value in (("venue", -1), ("order", 1)) for k in range(2)}
    air, traces, public = leaves_with(cells)()
    true = public.lists[0][public.lists[0][:, 0] > 0].astype(object)
    unit = [0] * (true.shape[1] - 1) + [1]
    padded = np.array([[0] * len(unit), unit, *true, *[[0] * len(unit)] * 2], dtype=object)
    claimed = (padded[2:] - 4 * padded[1:-1] + 4 * padded[:-2]) % P
    return air, traces, PublicValues((), (claimed.astype(np.uint64),))


def key_that_begins_by_half() -> Statement:
    """A third block of a key with is_first = 1/2: block number 2·1/2 = 1 is the last one."""
    row = first_row("key") + 2
    rows = leaf_rows()
    trace = leaves_trace([rows[name] for name in LEAVES])
    last = {
        name: int(trace[list(Leaves.columns.names).index(name), row - 1]) for name in ("address", "number")
    }
    cells = {"key": 1, "is_first": HALF, "address": last["address"] + 8, "number": last["number"] + 1}
    cells |= {"place": 2, "tag": 10 * HALF}
    return changed("leaves", trace, {(name, row): value for name, value in cells.items()})


def blocks_of(*parts: tuple[str, slice], cells: Cells | None = None, large: bool = False) -> Kill:
    """Some blocks of some leaves, and cells changed."""

    def make() -> Statement:
        shape = LARGE if large else SMALL
        rows = leaf_rows(shape)
        trace = leaves_trace([rows[name][:, blocks] for name, blocks in parts])
        return changed("leaves", trace, cells or {}, shape)

    return make


def without_its_second_block() -> Statement:
    """An account of three blocks whose third one follows the first."""
    rows = leaf_rows(LARGE)["old account"]
    address, number = address_and_number(rows, 0)
    cells = {("address", 1): address + 8, ("number", 1): number + 1}
    return blocks_of(("old account", slice(0, 3, 2)), ("venue", slice(1)), cells=cells, large=True)()


def order_that_becomes_an_account() -> Statement:
    """Block 1 of an order, an order and an account at once: with three blocks of an account it is the last of
    both together."""
    rows = leaf_rows(LARGE)["old order"]
    address, number = address_and_number(rows, 0)
    cells = {"order": 1, "account": 1, "address": address + 8, "number": number + 1, "place": 1}
    block = {(name, 1): value for name, value in cells.items()}
    return blocks_of(("old order", slice(1)), cells=block, large=True)()


def kills_of_leaves() -> Iterator[tuple[str, Kill]]:
    """Constraint → statement, for the chip `leaves`."""
    for name, kill in (*_kinds(), *_sequences(), *_contents()):
        yield f"leaves/{name}", kill


def _kinds() -> Iterator[tuple[str, Kill]]:
    yield "account/boolean", in_padding(account=-1, market=1)
    yield "market/boolean", in_padding(market=-1, account=1)
    yield "key/boolean", in_padding(key=-1, account=1)
    yield "order/boolean", in_padding(order=-1, venue=1)
    yield "venue/boolean", venue_less_an_order
    yield "is_first/boolean", key_that_begins_by_half
    yield "was_empty/boolean", in_leaf("new order", was_empty=2)
    yield "first_has_one_kind", in_padding(PADDING + 1, is_first=1, address=8, number=1, place=1)
    yield "empty_is_real", in_padding(was_empty=1)
    yield "tag_of_kind", in_leaf("market", tag=9)
    yield "venue_is_at_0", in_leaf("venue", place=1)
    yield "kind_is_kept", order_that_becomes_an_account


def _sequences() -> Iterator[tuple[str, Kill]]:
    yield "begins_with_a_leaf", blocks_of(("old account", slice(1, 2)), ("venue", slice(1)))
    yield "emptiness_is_kept", in_leaf("new account", 1, was_empty=0)
    yield "address_rises", in_leaf("old account", 1, address=77)
    yield "number_rises", in_leaf("old account", 1, number=77)
    yield "block_rises", without_its_second_block
    yield "leaf_is_whole", blocks_of(("old account", slice(1)), ("venue", slice(1)))
    yield "last_leaf_is_whole", blocks_of(("venue", slice(1)), ("old account", slice(1)))


def _contents() -> Iterator[tuple[str, Kill]]:
    for k in range(8):
        yield f"empty_word[{k}]", in_leaf("new order", **{f"initial__{k}": 1})
    for k in range(4):
        yield f"empty_digest[{k}]", in_leaf("new order", **{f"old__{k}": 1})
        yield f"root_is_kept[{4 + k}]", in_leaf("new account", **{f"final__{4 + k}": 1})
        for side in ("old", "new"):
            yield f"{side}_stands_first[{k}]", in_leaf("old account", 1, **{f"{side}__{k}": 1})
    yield "touched_is_boolean", in_leaf("new account", last__4=2)
    for k in (5, 6, 7):
        yield f"unused_time[{k}]", in_leaf("old account", **{f"last__{k}": 1})


# --- nodes


def nodes_with(*cells: tuple[str, int, int]) -> Kill:
    """The nodes with cells (column, row, value) changed."""

    def make() -> Statement:
        trace = nodes_statement()[1][0]
        assert trace is not None
        return changed("nodes", trace, {(column, row): value for column, row, value in cells})

    return make


def other_root(k: int) -> Kill:
    """The nodes with 1 added to a public scalar."""

    def make() -> Statement:
        air, traces, public = nodes_statement()
        scalars = [(x + (place == k)) % P for place, x in enumerate(public.scalars)]
        return air, traces, PublicValues(tuple(scalars), ())

    return make


def _row_where(column: str, value: int = 1) -> int:
    """The first row that is no padding and has this flag."""
    air, traces, _ = nodes_statement()
    trace: U64Array | None = traces[0]
    assert trace is not None
    columns = air.tables[0].columns
    rows = (trace[columns.index(column)] == value) & ~node_padding(trace)[0]
    return int(np.flatnonzero(rows)[0])


def kills_of_nodes() -> Iterator[tuple[str, Kill]]:
    """Constraint → statement, for the chip `nodes`."""
    kills: dict[str, Kill] = {
        "first_is_root": nodes_with(("is_root", 0, 0)),
        "others_are_not": nodes_with(("is_root", 1, 1)),
        "root_is_real": nodes_with(*_unreal_root()),
        "root_label": nodes_with(("label", 0, 1)),
        "root_level": nodes_with(("level", 0, 22)),
        "root_index": nodes_with(("index", 0, 1)),
    }
    empty = _row_where("was_empty")
    kills["was_empty/boolean"] = nodes_with(("was_empty", empty, 2))
    kills["empty_is_real"] = nodes_with(("was_empty", -1, 1))
    for k in range(4):
        kills[f"empty_old[{k}]"] = nodes_with((f"old[{k}]", empty, 1))
        for side in ("left", "right"):
            both = [(f"{side}_{when}[{k}]", empty, 1) for when in ("old", "new")]
            kills[f"empty_{side}_old[{k}]"] = nodes_with(*both)
    for side in ("left", "right"):
        row = _row_where(side, 0)
        kills[f"{side}/boolean"] = nodes_with((side, row, 2))
        for k in range(4):
            kills[f"untouched_{side}_stays[{k}]"] = nodes_with((f"{side}_new[{k}]", row, 1))
    for k, name in enumerate(PUBLIC):
        root, index = name.split("[")
        kills[f"{root}_is_public[{index}"] = other_root(k)
    for name, kill in kills.items():
        yield f"nodes/{name}", kill


def _unreal_root() -> list[tuple[str, int, int]]:
    """The first row as no real one: it takes no child, and is its own public root."""
    cells = [("left", 0, 0), ("right", 0, 0)]
    return cells + [(f"{side}_{when}[{k}]", 0, 0) for side in ("left", "right") for when in ("old", "new")
                    for k in range(4)]  # fmt: skip
