"""The state in memory against plain recursion, its snapshots, its proofs of inclusion, its refusals."""

from __future__ import annotations

import numpy as np
import pytest

from l2forge.errors import InputError
from l2forge.ledger.layout import Kind
from l2forge.ledger.state import Shape, State, restore, snapshot
from l2forge.ledger.state.index_map import Table
from l2forge.stark.field import P
from tests.ledger.state import naive
from tests.ledger.state.batches import SHAPE, address, random_writes, run_batch


def grown(seed: int = 1, n_batches: int = 3, n_words: int = 25) -> tuple[State, naive.NaiveState]:
    """A state and its oracle after some batches."""
    rng = np.random.default_rng(seed)
    state, oracle = State(SHAPE), naive.NaiveState(SHAPE)
    for _ in range(n_batches):
        writes = random_writes(rng, n_words, 4, SHAPE)
        state.apply(list(writes), list(writes.values()))
        oracle.apply(writes)
    return state, oracle


def test_the_empty_state() -> None:
    state = State(SHAPE)
    assert state.root() == naive.state_root({}) == (0, 0, 0, 0)
    assert state.read(address(Kind.ACCOUNT, 7, 3)) == state.read(address(Kind.KEY, 7, 7)) == 0


@pytest.mark.parametrize("seed", range(3))
def test_roots_are_those_of_the_oracle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (Shape(1, 0), Shape(5, 3), Shape(8, 16))[seed]
    state, oracle = State(shape), naive.NaiveState(shape)
    for n_words in (1, 2, 20, 20):
        writes = random_writes(rng, n_words, 3, shape)
        before = oracle.root()
        batch = run_batch(state, writes)
        oracle.apply(writes)
        assert tuple(batch.witness.old_root.tolist()) == before
        assert tuple(batch.witness.new_root.tolist()) == state.root() == oracle.root()
        assert [state.read(a) for a in writes] == list(writes.values())
    accounts = [i for kind, i in oracle.words if kind == Kind.ACCOUNT]
    for a in accounts:
        root = [state.read(address(Kind.ACCOUNT, a, k)) for k in range(4, 8)]
        assert tuple(root) == naive.key_root(oracle.words, a)


def test_a_leaf_that_is_only_read_is_touched() -> None:
    state, oracle = State(SHAPE), naive.NaiveState(SHAPE)
    writes = {address(Kind.ORDER, 5 << 24, 0): 0}
    state.apply(list(writes), list(writes.values()))
    oracle.apply(writes)
    assert state.root() == oracle.root() != naive.EMPTY
    again = state.apply(list(writes), list(writes.values()))
    assert again.old_root.tolist() == again.new_root.tolist()


def test_an_account_is_proven_by_its_path() -> None:
    state, oracle = grown()
    for account in (0, 1, 2, 3, 77):
        words = oracle.words.get((Kind.ACCOUNT, account))
        digest = naive.EMPTY
        if words:
            root = naive.key_root(oracle.words, account)
            digest = naive.leaf(Kind.ACCOUNT, [*words[:4], *root, *words[8:]])
        for level, sibling in enumerate(state.account_path(account).tolist()):
            pair = (tuple(sibling), digest) if account >> level & 1 else (digest, tuple(sibling))
            digest = naive.node(*pair)
        assert digest == state.root()


def test_a_snapshot_holds_the_state() -> None:
    state, _ = grown()
    data = snapshot(state)
    back = restore(data)
    assert snapshot(back) == data and back.root() == state.root()
    writes = {address(Kind.ORDER, (1 << 24) + 3, 1): 9, address(Kind.VENUE, 0, 0): 4}
    for one in (state, back):
        one.apply(list(writes), list(writes.values()))
    assert back.root() == state.root()
    assert snapshot(restore(snapshot(State(SHAPE)))) == snapshot(State(SHAPE))


def test_the_order_of_writes_leaves_no_trace_in_a_snapshot() -> None:
    writes = random_writes(np.random.default_rng(3), 40, 4, SHAPE)
    first, second = State(SHAPE), State(SHAPE)
    first.apply(list(writes), list(writes.values()))
    for one in reversed(writes):
        second.apply([one], [writes[one]])
    assert snapshot(first) == snapshot(second)


def test_a_copy_is_independent() -> None:
    state, _ = grown()
    twin, root = state.copy(), state.root()
    twin.apply([address(Kind.ACCOUNT, 1, 3)], [123])
    assert state.root() == root != twin.root()


def test_a_damaged_snapshot_is_refused() -> None:
    state, _ = grown()
    data = snapshot(state)
    rng = np.random.default_rng(1)
    damaged = [data[:-8], data + bytes(8), data[:-1], b"", data[:60], bytes(len(data))]
    for place in rng.integers(0, len(data), 60):
        damaged.append(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    for one in damaged:
        with pytest.raises(InputError):
            restore(one)


@pytest.mark.parametrize(
    "bad",
    [
        0,
        address(Kind.ACCOUNT, 1 << 20, 0),
        address(Kind.ACCOUNT, 3, 24),
        address(Kind.KEY, 1 << 28, 0),
        address(Kind.ORDER, 1 << 44, 0),
        address(Kind.ORDER, 0, 8),
        address(Kind.MARKET, SHAPE.n_markets, 0),
        address(Kind.VENUE, 1, 0),
        6 << 60,
        address(Kind.ACCOUNT, 3, 4),
        address(Kind.KEY, 3, 7),
    ],
)
def test_what_is_no_word_cannot_be_written(bad: int) -> None:
    state, _ = grown()
    data = snapshot(state)
    with pytest.raises(InputError):
        state.apply([address(Kind.ACCOUNT, 1, 3), bad], [1, 2])
    assert snapshot(state) == data


def test_bad_values_and_double_addresses_are_refused() -> None:
    state, here = State(SHAPE), address(Kind.ACCOUNT, 1, 3)
    for addresses, values in (([here, here], [1, 1]), ([here], [P]), ([here], [1, 2])):
        with pytest.raises(InputError):
            state.apply(addresses, values)
    with pytest.raises(InputError):
        state.read(address(Kind.ORDER, 0, 8))


def test_a_leaf_has_at_most_256_words() -> None:
    assert Shape(124, 120).blocks(Kind.ACCOUNT) == Shape(124, 120).blocks(Kind.MARKET) == 32
    for n_markets, max_sources in ((125, 0), (1, 121), (1 << 60, 1)):
        with pytest.raises(InputError):
            Shape(n_markets, max_sources)


def test_a_table_of_rows_against_a_dictionary() -> None:
    rng = np.random.default_rng(1)
    table, oracle = Table(2), dict[int, list[int]]()
    for _ in range(30):
        keys = rng.choice(5000, int(rng.integers(1, 300)), replace=False).astype(np.uint64) << np.uint64(40)
        values = rng.integers(0, 2**63, (len(keys), 2)).astype(np.uint64)
        table.put(keys, values)
        oracle |= dict(zip(keys.tolist(), values.tolist(), strict=True))
        asked = rng.choice(6000, 500).astype(np.uint64) << np.uint64(40)
        found = table.get(asked, np.array([7, 7], np.uint64)).tolist()
        assert found == [oracle.get(key, [7, 7]) for key in asked.tolist()]
    assert len(table) == len(oracle) and sorted(table.keys.tolist()) == sorted(oracle)
