"""Attacks on the ledger: on its tables by who fills them, on the venue by who may only send to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.batches import DEPOSIT, START_MS, Signer, opening, order_book_preset, owner_of, trades
from l2forge.air.check import check
from l2forge.air.compiled import CompiledAir
from l2forge.chain.batch import Request, RequestKind
from l2forge.ledger import schnorr
from l2forge.ledger.chips.hashes import LEAF_TAG, UNUSED
from l2forge.ledger.chips.tree_labels import GLOBALS
from l2forge.ledger.heights import most_rows
from l2forge.ledger.layout import Kind
from l2forge.ledger.ledger import Ledger, Rules
from l2forge.ledger.messages import MessageError, table
from l2forge.ledger.messages.codes import INVALID_SIGNATURE
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.statement import batch_tables, ledger_air
from l2forge.stark.field import P, U64Array
from l2forge.stark.public import PublicValues
from l2forge.venue import records
from l2forge.venue.list_bytes import LEAF_BYTES, MOST_BYTES, PAYOUT_BYTES, REQUEST_BYTES, ListBytes
from l2forge.venue.operations import Operations
from l2forge.venue.orders import SLOTS
from tests.venue.running import running
from tests.venue.trading import Trader, Venue, order_book_spec

Traces = dict[str, U64Array | None]
Attack = Callable[[Traces], None]

REQUESTS: list[PlainOperation] = [
    {"op": "clock", "time": START_MS},
    *({"op": "deposit", "account": k, "owner": owner_of(k), "amount": DEPOSIT} for k in (1, 2)),
    {"op": "fund", "amount": 7},
    {"op": "forced_withdraw", "account": 1, "amount": 1000},
    {"op": "forced_withdraw", "account": 2, "amount": DEPOSIT + 1},
]


@cache
def rules() -> Rules:
    """The rules of the preset."""
    return Rules.of(order_book_preset().require())


@cache
def air() -> CompiledAir:
    """Its AIR."""
    return ledger_air(rules())


@cache
def honest() -> tuple[dict[str, U64Array | None], PublicValues]:
    """A batch of L1 requests on the empty state."""
    traces, public = batch_tables(air(), rules(), Ledger(rules()).execute(REQUESTS))
    return dict(zip([t.name for t in air().tables], traces, strict=True)), public


def broken(attack: Attack, lists: Mapping[int, U64Array] | None = None) -> set[str]:
    """What the checker names after an attack on the honest tables."""
    traces, public = honest()
    bent = {name: None if trace is None else trace.copy() for name, trace in traces.items()}
    attack(bent)
    claimed = tuple((lists or {}).get(k, entries) for k, entries in enumerate(public.lists))
    return check(air(), list(bent.values()), PublicValues(public.scalars, claimed)).names


def cells(traces: Traces, name: str, column: str) -> U64Array:
    """A column of a present table; what is written there is written to the trace."""
    trace = traces[name]
    assert trace is not None
    cut: U64Array = trace[air().table(name).columns.index(column)]
    return cut


def test_the_honest_batch_holds() -> None:
    assert broken(lambda traces: None) == set()


# --- attacks by the prover, and what stops them


def without(name: str) -> Attack:
    def attack(traces: Traces) -> None:
        traces[name] = None

    return attack


@pytest.mark.parametrize(
    ("name", "bus"),
    [("access", "call"), ("ranges", "call"), ("muldiv", "call"), ("gather", "call"), ("range16", "range16")],
)
def test_no_optional_table_can_be_left_out(name: str, bus: str) -> None:
    assert f"bus {bus}" in broken(without(name))


def stop_early(traces: Traces) -> None:
    """The batch ends in the middle of the last withdrawal, before money leaves the account."""
    last = int(cells(traces, "cpu", "is_real").sum())
    cells(traces, "cpu", "is_real")[last - 20 :] = 0


def skip_rows(traces: Traces) -> None:
    """The rows of one program are left out, and time closes over the gap."""
    trace = traces["cpu"]
    assert trace is not None
    trace[:, 8:-8] = trace[:, 16:].copy()
    cells(traces, "cpu", "t")[:] = np.arange(trace.shape[1]) * 4


def run_the_padding(traces: Traces) -> None:
    """A row of the program table that is no code: pc = −1, no gate, no unit."""
    trace = traces["cpu"]
    assert trace is not None
    trace[2:, 4] = 0
    cells(traces, "cpu", "pc")[4] = P - 1


def open_twice(traces: Traces) -> None:
    """The first program, which opens a batch, once more in the place of a row."""
    trace = traces["cpu"]
    assert trace is not None
    t = cells(traces, "cpu", "t")[3]
    trace[:, 3] = trace[:, 0]
    cells(traces, "cpu", "t")[3] = t


@pytest.mark.parametrize(
    ("attack", "constraint"),
    [
        (stop_early, "cpu/ends_with_the_code"),
        (skip_rows, "cpu/row_follows"),
        (run_the_padding, "cpu/row_follows"),
        (open_twice, "cpu/entry_after_end"),
    ],
)
def test_programs_run_whole(attack: Attack, constraint: str) -> None:
    assert constraint in broken(attack)


def row_of(traces: Traces, name: str, column: str, value: int = 1) -> int:
    """The first row with this value."""
    return int(np.flatnonzero(cells(traces, name, column) == np.uint64(value))[0])


def pay_twice(traces: Traces) -> None:
    """The row of the payout once more on an unused row."""
    trace = traces["gather"]
    assert trace is not None
    paying = (cells(traces, "gather", "other") == 1) & (cells(traces, "gather", "code") == 2)
    trace[:, row_of(traces, "gather", "other", 0)] = trace[:, np.flatnonzero(paying)[0]]


def test_a_payout_is_listed_as_often_as_it_is_called() -> None:
    listed = honest()[1].lists[1]
    assert broken(pay_twice, {1: np.concatenate([listed, listed])}) == {"bus call", "bus value"}


def test_no_payout_and_no_request_is_left_out_or_changed() -> None:
    requests, payouts, _ = honest()[1].lists
    assert broken(lambda traces: None, {1: payouts[:0]}) == {"list payouts"}
    assert broken(lambda traces: None, {0: requests[1:]}) == {"list requests"}
    dearer = payouts.copy()
    dearer[0, 4] += np.uint64(1)
    assert broken(lambda traces: None, {1: dearer}) == {"list payouts"}


def leaf_twice(traces: Traces) -> None:
    """An account's leaf once more on padding rows: two timelines of its cash."""
    trace = traces["leaves"]
    assert trace is not None
    first = row_of(traces, "leaves", "account")
    kinds = ("account", "key", "order", "market", "venue")
    used = sum(cells(traces, "leaves", kind) for kind in kinds)
    free = int(np.flatnonzero(used == 0)[0])
    trace[:, free : free + 2] = trace[:, first : first + 2]


def market_for_venue(traces: Traces) -> None:
    """A market's leaf at place 0 instead of the venue's."""
    row = row_of(traces, "leaves", "venue")
    cells(traces, "leaves", "venue")[row], cells(traces, "leaves", "market")[row] = 0, 1
    cells(traces, "leaves", "tag")[row] = LEAF_TAG + Kind.MARKET
    cells(traces, "leaves", "address")[row] = GLOBALS


def forget_a_word(traces: Traces) -> None:
    """The withdrawn cash stays in the account: its last write is not what the leaf takes back."""
    row = row_of(traces, "leaves", "account")
    cells(traces, "leaves", "final[3]")[row] += np.uint64(1000)


@pytest.mark.parametrize(
    ("attack", "names"),
    [
        (leaf_twice, {"bus memory", "bus node", "bus hash_input", "bus hash_output4"}),
        (market_for_venue, {"bus memory", "bus hash_input"}),
        (forget_a_word, {"bus memory", "bus hash_input"}),
    ],
)
def test_each_leaf_has_one_timeline(attack: Attack, names: set[str]) -> None:
    assert names <= broken(attack) | {"list leaves"}


def expand_an_empty_subtree(traces: Traces) -> None:
    """A node row that takes no child, so that an empty subtree would get the hash of empty children."""
    trace = traces["nodes"]
    assert trace is not None
    leaf = np.flatnonzero((cells(traces, "nodes", "level") == 1) & (cells(traces, "nodes", "left") == 1))[0]
    cells(traces, "nodes", "left")[leaf] = 0
    cells(traces, "nodes", "right")[leaf] = 0


def test_a_node_without_a_touched_child_is_no_node() -> None:
    assert {"bus node", "bus hash_input"} <= broken(expand_an_empty_subtree)


def read_the_future(traces: Traces) -> None:
    """An access that takes what a later one has put, with a gap of −1."""
    row = row_of(traces, "access", "is_real")
    cells(traces, "access", "gap[0]")[row] = P - 1


def test_memory_is_read_after_it_was_written() -> None:
    assert {"bus range16", "bus memory"} <= broken(read_the_future)


# --- what everybody may send to a venue, and what would have stopped it for good

SKIP = {"L2TxAttributes": {"4": 1}}


def test_a_cancel_does_not_take_the_slot_of_another_live_order() -> None:
    """The ledger files a cancel in its nonce's slot: the order that lives there could never be filled."""
    venue, maker, taker = Venue(), Trader(1), Trader(2)
    venue.open([maker, taker])
    venue.place(maker, 0, 100, 590_000, ask=False)
    venue.place(maker, 0, 100, 599_000, ask=False, ClientOrderIndex=7)
    venue.place(taker, 0, 50, 599_000, ask=True)

    def cancel(nonce: int) -> object:
        maker.nonce = nonce
        info = maker.sign(table.CANCEL_ORDER, MarketIndex=0, Index=7, Nonce=nonce, **SKIP)
        return venue.message(table.CANCEL_ORDER, info).error

    assert "still live" in str(cancel(1 + SLOTS))
    assert cancel(2 + SLOTS) is None, "its own order's slot is free with it"
    assert venue.place(taker, 0, 100, 590_000, ask=True).error is None
    names = [operation["op"] for operation in venue.state.operations.pending]
    assert names[-4:] == ["cancel", "order", "order", "fill"]
    Ledger(Rules.of(order_book_spec())).execute(venue.state.operations.pending)


def test_many_accounts_at_once_stay_within_the_tables_of_the_verifier() -> None:
    signer, ledger = Signer(rules().chain_id), Ledger(rules())
    ledger.execute(opening(signer, 16))
    operations = trades(signer, 8, 16)
    traces, _ = batch_tables(air(), rules(), ledger.execute(operations))
    used = traces[[t.name for t in air().tables].index("hashes")]
    assert used is not None
    rows = 4 * int((used[-1, ::4] != UNUSED).sum())
    programs = max(routine.rows for routine in rules().code.routines.values())
    assert len(operations) * programs < rows <= most_rows(rules(), len(operations))


def batches_of(operations: Sequence[PlainOperation]) -> list[int]:
    """Lengths of the batches that operations are cut into, where only L1 sets a limit."""
    open_batch = Operations()
    open_batch.pending = [dict(operation) for operation in operations]
    return [len(batch) for batch in open_batch.take(10**6, remainder=True)]


def test_a_flood_of_requests_is_cut_to_what_l1_takes() -> None:
    key: PlainOperation = {"op": "register", "account": 1, "key": 4, "public_key": [1] * 5}
    assert batches_of([key]) == [1]
    most = (MOST_BYTES - LEAF_BYTES - 2 * LEAF_BYTES) // REQUEST_BYTES
    assert batches_of([key] * 900) == [most, 900 - most]
    payouts = [{"op": "forced_withdraw", "account": k, "amount": 1} for k in range(500)]
    each = REQUEST_BYTES + PAYOUT_BYTES + 2 * LEAF_BYTES
    assert batches_of(payouts)[0] == (MOST_BYTES - LEAF_BYTES) // each


def test_accounts_count_once_in_a_batch() -> None:
    fill = {"op": "fill", "market": 0, "price": 1, "lots": 1}
    pair = [{**fill, "maker": [1, 4, k], "taker": [2, 4, k]} for k in range(5000)]
    assert batches_of(pair) == [5000]
    many = [{**fill, "maker": [2 * k, 4, 1], "taker": [2 * k + 1, 4, 1]} for k in range(400)]
    assert batches_of(many)[0] == (MOST_BYTES - LEAF_BYTES) // (4 * LEAF_BYTES)


def test_lists_of_a_batch_are_no_longer_than_they_are_counted() -> None:
    lists = ListBytes.of(Venue().state.venue)
    counted = lists.fixed + 2 * lists.account + 5 * REQUEST_BYTES + 2 * PAYOUT_BYTES
    assert sum(8 * entries.size for entries in honest()[1].lists) <= counted


@pytest.mark.parametrize("rounds_between", [1, 2, 3])
def test_a_message_of_a_key_that_is_replaced_while_it_waits_is_refused(
    tmp_path: Path, rounds_between: int
) -> None:
    """Its signature was checked against the key before: against the state's no proof of it could be made."""

    async def work() -> None:
        async with running(tmp_path) as venue:
            await venue.fund([Trader(1)])
            new = Request(2, RequestKind.KEY, 1, Trader(1).owner, 4, schnorr.public_key(5))
            replacing = asyncio.create_task(venue.sequencer.enter([records.request_entry(new, 0)]))
            for _ in range(rounds_between):
                await asyncio.sleep(0)
            message = Trader(1).sign(table.CANCEL_ALL_ORDERS, TimeInForce=0, Time=0)
            with pytest.raises(MessageError) as refused:
                await venue.sequencer.submit(table.CANCEL_ALL_ORDERS, message)
            assert refused.value.code == INVALID_SIGNATURE
            assert (await replacing)[0].error is None
            names = [operation["op"] for operation in venue.opened.state.operations.pending]
            assert names[-1] == "register"

    asyncio.run(work())
