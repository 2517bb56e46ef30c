"""False batches over true permutations: what a cheating prover of the state would write, and who refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from l2forge.air import CompiledAir
from l2forge.air.check import check
from l2forge.air.proving import prove, verify
from l2forge.ledger.layout import INDEX_SHIFT, Kind
from l2forge.ledger.state import State
from l2forge.ledger.state.index_map import Table
from l2forge.ledger.state.state import LeafRows, TreeWitness
from l2forge.stark.field import P
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected
from tests.ledger.state.batches import SHAPE, Batch, address, run_batch, statement
from tests.soundness.toy import small_parameters

KEY = (1 << 8) + 4
ORDER = (KEY << 16) + 9
FIRST = {
    address(Kind.ACCOUNT, 1, 3): 1000,
    address(Kind.ACCOUNT, 2, 3): 500,
    address(Kind.KEY, KEY, 0): 77,
    address(Kind.ORDER, ORDER, 0): 10,
    address(Kind.ORDER, ORDER + 1, 0): 11,
    address(Kind.MARKET, 0, 0): 50_000,
    address(Kind.VENUE, 0, 0): 1,
}
SECOND = {
    address(Kind.ACCOUNT, 1, 3): 900,
    address(Kind.ACCOUNT, 6, 3): 100,
    address(Kind.ORDER, ORDER, 1): 5,
    address(Kind.ORDER, ORDER + 7, 0): 17,
    address(Kind.MARKET, 0, 10): 50_001,
    address(Kind.VENUE, 0, 0): 2,
}


def started() -> State:
    """The state after the first batch."""
    state = State(SHAPE)
    run_batch(state, FIRST)
    return state


def with_leaves(batch: Batch, kind: Kind, change: Callable[[LeafRows], LeafRows]) -> Batch:
    """The batch with other rows of leaves of a kind."""
    leaves = tuple(change(rows) if rows.kind == kind else rows for rows in batch.witness.leaves)
    return replace(batch, witness=replace(batch.witness, leaves=leaves))


def taken(rows: LeafRows, places: list[int]) -> LeafRows:
    """These rows of leaves."""
    return LeafRows(
        rows.kind, rows.index[places], rows.words[:, places], rows.was_empty[places], rows.nested[places],
        rows.digests[:, places],
    )  # fmt: skip


# --- each returns the false batch; all hashes are true ones of what it says


def leaf_twice() -> Batch:
    return with_leaves(run_batch(started(), SECOND), Kind.ACCOUNT, lambda rows: taken(rows, [0, 0, 1]))


def leaf_left_out() -> Batch:
    return with_leaves(run_batch(started(), SECOND), Kind.ACCOUNT, lambda rows: taken(rows, [0]))


def index_beyond_the_tree() -> Batch:
    """Slot 2^16 + 9 in the place of slot 9: the key after it."""

    def move(rows: LeafRows) -> LeafRows:
        return replace(rows, index=np.array([ORDER + (1 << 16), *rows.index[1:]], np.uint64))

    return with_leaves(run_batch(started(), SECOND), Kind.ORDER, move)


def other_account() -> Batch:
    """Account 3 in the place of account 1."""

    def move(rows: LeafRows) -> LeafRows:
        return replace(rows, index=np.array([3, *rows.index[1:]], np.uint64))

    return with_leaves(run_batch(started(), SECOND), Kind.ACCOUNT, move)


def sibling_changed() -> Batch:
    """Account 2, which the batch does not touch, is another one."""
    state = started()
    state.nodes.put(state.codes(Kind.ACCOUNT, np.array([2], np.uint64)), np.array([[1, 2, 3, 4]], np.uint64))
    state.nodes.put(state.codes(Kind.ACCOUNT, np.array([0], np.uint64)), np.array([[5, 6, 7, 8]], np.uint64))
    return run_batch(state, SECOND)


def other_key_tree() -> Batch:
    """The account's nested root is another one before the batch."""
    state = started()
    words = state.words(Kind.ACCOUNT, np.array([1], np.uint64))
    words[0, 4] = 99
    state.leaves[Kind.ACCOUNT].put(np.array([1], np.uint64), words)
    return run_batch(state, SECOND)


def key_tree_replaced() -> Batch:
    """The new nested root is not that of the touched tree."""

    def bend(rows: LeafRows) -> LeafRows:
        words = rows.words.copy()
        words[1, 0, 4] = 99
        return replace(rows, words=words)

    return with_leaves(run_batch(started(), SECOND), Kind.ACCOUNT, bend)


def key_tree_not_touched() -> Batch:
    """The nested root changes without its tree."""
    return with_leaves(
        run_batch(started(), SECOND), Kind.ACCOUNT, lambda rows: replace(rows, nested=rows.nested & False)
    )


def cut_leaf() -> Batch:
    """Accounts without their last block."""
    return with_leaves(
        run_batch(started(), SECOND), Kind.ACCOUNT, lambda rows: replace(rows, words=rows.words[:, :, :16])
    )


def order_as_key() -> Batch:
    """An account's key is opened as an order of the same words."""

    def swap(rows: LeafRows) -> LeafRows:
        return replace(rows, kind=Kind.ORDER, words=rows.words[:, :, :8], nested=rows.nested & False)

    return with_leaves(run_batch(started(), SECOND), Kind.KEY, swap)


def used_order_as_new() -> Batch:
    """An order's leaf is said to be empty: its nonce could be used again."""
    state = started()
    state.leaves[Kind.ORDER] = Table(8)
    return run_batch(state, SECOND)


def new_order_as_used() -> Batch:
    """An empty slot is said to hold words."""
    state = started()
    state.leaves[Kind.ORDER].put(np.array([ORDER + 7], np.uint64), np.full((1, 8), 5, np.uint64))
    return run_batch(state, SECOND)


def other_words_before() -> Batch:
    """An account had more cash than it had."""
    state = started()
    words = state.words(Kind.ACCOUNT, np.array([1], np.uint64))
    words[0, 3] = 1_000_000
    state.leaves[Kind.ACCOUNT].put(np.array([1], np.uint64), words)
    return run_batch(state, SECOND)


def word_without_access() -> Batch:
    """A word is written that no program accesses; all digests are right."""
    batch = run_batch(started(), SECOND | {address(Kind.ACCOUNT, 1, 8): 5})
    writes = {a: v for a, v in batch.writes.items() if a != address(Kind.ACCOUNT, 1, 8)}
    found = batch.found[batch.addresses != np.uint64(address(Kind.ACCOUNT, 1, 8))]
    return Batch(writes, found, batch.witness)


def stale_root() -> Batch:
    """The batch begins at the root before the last batch."""
    batch = run_batch(started(), SECOND)
    return replace(batch, witness=_with_root(batch.witness, State(SHAPE)))


def _with_root(witness: TreeWitness, state: State) -> TreeWitness:
    return replace(witness, old_root=np.array(state.root(), np.uint64))


TWINS: dict[Callable[[], Batch], set[str]] = {
    leaf_twice: {"bus memory", "bus node"},
    leaf_left_out: {"bus memory", "bus node"},
    index_beyond_the_tree: {"bus memory", "bus node"},
    other_account: {"bus memory", "bus node"},
    sibling_changed: {"bus hash_output4"},
    other_key_tree: {"bus hash_output4", "bus node"},
    key_tree_replaced: {"bus hash_output4", "bus node"},
    key_tree_not_touched: {"bus node", "leaves/root_is_kept[4]"},
    cut_leaf: {"leaves/leaf_is_whole"},
    order_as_key: {"bus node"},
    used_order_as_new: {"leaves/empty_digest[0]"},
    new_order_as_used: {"bus hash_output4"},
    other_words_before: {"bus hash_output4"},
    word_without_access: {"bus memory"},
    stale_root: {"nodes/old_root_is_public[0]"},
}


def test_the_true_batch_is_satisfied() -> None:
    assert not check(*statement(run_batch(started(), SECOND)))


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.__name__)
def test_a_false_batch_is_refused(twin: Callable[[], Batch]) -> None:
    batch = twin()
    names = check(*statement(batch)).names
    assert names >= TWINS[twin], names


def test_a_published_block_is_the_leafs() -> None:
    air, traces, public = statement(run_batch(started(), SECOND))
    leaves = public.lists[0].copy()
    leaves[0, 4] = 7
    assert check(air, traces, PublicValues(public.scalars, (leaves,))).names == {"list leaves"}
    assert check(air, traces, PublicValues(public.scalars, (public.lists[0][1:],))).names == {"list leaves"}


def test_published_blocks_are_those_of_the_second_batch() -> None:
    public = statement(run_batch(started(), SECOND))[2]
    addresses = public.lists[0][:, 0].tolist()
    accounts = [address(Kind.ACCOUNT, a, 8 * block) for a in (1, 6) for block in range(3)]
    market = [address(Kind.MARKET, 0, 8 * block) for block in range(3)]
    assert addresses == [*accounts, *market, address(Kind.VENUE, 0, 0)]
    words = dict(zip(addresses, public.lists[0][:, 1:].tolist(), strict=True))
    assert words[address(Kind.ACCOUNT, 6, 0)][3] == 100
    assert words[address(Kind.MARKET, 0, 8)][2] == 50_001
    assert 1 << INDEX_SHIFT == 256


@pytest.fixture(scope="module")
def proven() -> tuple[CompiledAir, PublicValues, bytes]:
    """A proof of the second batch."""
    air, traces, public = statement(run_batch(started(), SECOND))
    return air, public, prove(air, traces, public, small_parameters()).data


def test_a_batch_is_proven(proven: tuple[CompiledAir, PublicValues, bytes]) -> None:
    air, public, proof = proven
    params = small_parameters()
    verify(air, public, proof, params, security_bits=0)
    leaves = public.lists[0].copy()
    leaves[0, 4] += np.uint64(1)
    false = [PublicValues(public.scalars, (leaves,))]
    for place in (0, 4):
        scalars = tuple((x + (k == place)) % P for k, x in enumerate(public.scalars))
        false.append(PublicValues(scalars, public.lists))
    for one in false:
        with pytest.raises(ProofRejected):
            verify(air, one, proof, params, security_bits=0)
