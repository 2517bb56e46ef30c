"""The cheating suite of the ledger: what each false batch is refused by, in the programs and in the proof.

The programs refuse it by the name of the rule. A prover who runs them without checks, and fills all tables
honestly from that, is refused by the circuit: the checker names the gate, bus or table. That only the named
rule is broken shows that nothing else, an accident of the test, is what refuses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks.batches import order_book_preset
from l2forge.air.check import check
from l2forge.ledger.layout import Kind
from l2forge.ledger.machine.interpreter import Halted
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.proving import ProvenBatch, Setup
from l2forge.ledger.schnorr import public_key
from l2forge.ledger.source_keys import dev_secret
from l2forge.ledger.statement import batch_tables
from l2forge.resources import resource_dir
from l2forge.spec.load import loads_spec
from l2forge.stark.field import P
from l2forge.stark.public import PublicValues
from l2forge.stark.steps import ProofRejected
from tests.soundness.ledger import bounds, fills, hints, money, orders, prices, times
from tests.soundness.ledger.cheat import NO_LEAF, Cheat
from tests.soundness.ledger.cheater import (
    UNREGISTERED,
    Cheater,
    Sender,
    broken_rules,
    false_tables,
    with_words,
)
from tests.soundness.ledger.scene import (
    CASH,
    KEY,
    NOW,
    PRICES,
    address,
    after,
    air,
    clock,
    fill,
    owner,
    rules,
    scene,
    secrets,
    venue,
)
from tests.soundness.statements import Statement, trace_of

CHEATS: list[Cheat] = [
    *orders.orders(),
    *orders.cancels(),
    *money.money(),
    *money.clocks(),
    *money.memory(),
    *fills.fills(),
    *prices.oracle(),
    *prices.funding(),
    *bounds.fields(),
    *bounds.words(),
    *hints.flags(),
    *hints.identities(),
    *hints.margins(),
    *hints.prices(),
    *times.times(),
    *times.premium(),
    *times.owed(),
]
NAMES = [cheat.name for cheat in CHEATS]
PLAIN = [cheat for cheat in CHEATS if not cheat.lies]
"""The interpreter knows no other values than the true ones: lies are told to the tables only."""

pytestmark = pytest.mark.slow


def names_found(statement: Statement) -> set[str]:
    return check(*statement).names


def test_names_are_distinct() -> None:
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("cheat", PLAIN, ids=[cheat.name for cheat in PLAIN])
def test_the_programs_refuse_it(cheat: Cheat) -> None:
    """By the rule's name, and the state stays as it was."""
    ledger = Sender(rules(), cheat.state())
    root = ledger.state.root()
    with pytest.raises(Halted) as refusal:
        ledger.execute(cheat.operations)
    told = str(refusal.value).split("is refused by ")[1].split("; it is")[0]
    assert told.partition(": ")[2] == cheat.rule
    assert ledger.state.root() == root


@pytest.mark.parametrize("cheat", CHEATS, ids=NAMES)
def test_the_circuit_refuses_it(cheat: Cheat) -> None:
    cheater = Cheater(rules(), cheat.state(), cheat.lies)
    if cheat.stopped_by == NO_LEAF:
        with pytest.raises(Halted, match=r"account index|state"):
            cheater.execute(cheat.operations)
        return
    batch = cheater.execute(cheat.operations)
    broken = broken_rules(rules(), batch)
    assert cheat.rule in broken or not cheat.rule
    assert not cheat.alone or broken <= {cheat.rule}
    found = names_found(false_tables(rules(), air(), batch, secrets()))
    assert any(name.startswith(cheat.stopped_by) for name in found), found


def test_the_true_batch_passes() -> None:
    """The cheater's own machinery, without a cheat."""
    s = scene()
    batch = Cheater(rules(), after()()).execute(
        [s.order(1, 0), s.order(3, 0, ask=True), fill((1, 0), (3, 0))]
    )
    assert broken_rules(rules(), batch) == set()
    assert names_found(false_tables(rules(), air(), batch, secrets())) == set()


def test_an_index_is_fresh_by_its_tick() -> None:
    """The twin of the index that reports alone keep fresh: the same reports and trade, with the tick."""
    at = NOW + 10_001
    reports = scene().reports(PRICES[0], at)
    operations = [clock(10_001), *reports, {"op": "tick", "market": 0}, *prices.OPENS]
    batch = Cheater(rules(), after()()).execute(operations)
    assert broken_rules(rules(), batch) == set()
    assert names_found(false_tables(rules(), air(), batch, secrets())) == set()


# --- signatures: the tables hold what the cheater can sign


def stolen(account_words: Sequence[int] | None, operations: Sequence[PlainOperation]) -> set[str]:
    """What names a batch whose key, of account 1, has these words in the state; signed with UNREGISTERED."""
    words = {}
    if account_words is not None:
        places = [*range(4), 8]
        words = {
            address(Kind.KEY, (1 << 8) + KEY, place): word
            for place, word in zip(places, account_words, strict=True)
        }
    state = with_words(after()(), words) if words else after()()
    batch = Cheater(rules(), state).execute(operations)
    assert broken_rules(rules(), batch) == set()
    known = dict(secrets())
    known.pop(public_key(1_000_004), None)
    return names_found(false_tables(rules(), air(), batch, known))


@pytest.mark.parametrize(
    "operations",
    [
        [scene().order(1, 0), scene().order(3, 0, ask=True), fill((1, 0), (3, 0))],
        [scene().withdraw(1, 0, 5)],
        [scene().transfer(1, 0, 2, 5)],
        [scene().cancel_all(1, 0)],
    ],
    ids=["order", "withdrawal", "transfer", "cancel-all"],
)
def test_a_message_forged_with_another_key(operations: Sequence[PlainOperation]) -> None:
    assert stolen(None, operations) == {"bus signature"}


def test_a_forged_report() -> None:
    s = scene()
    report = s.report(0, 600_100, NOW, signed_by=1)
    batch = Cheater(rules(), after()()).execute([report])
    known = {key: secret for key, secret in secrets().items() if secret != dev_secret(10)}
    assert names_found(false_tables(rules(), air(), batch, known)) == {"bus signature"}


def test_the_neutral_key_signs_nothing() -> None:
    """An account whose key is w = 0: no signature of it has rows, so the call finds none."""
    assert stolen([0] * 5, [scene().withdraw(1, 0, 5)]) == {"bus signature"}


def test_a_key_registered_by_its_own_signature_alone() -> None:
    """A slot without a key, and a message that the new key signs: no message registers a key."""
    other = scene().signer.message(UNREGISTERED, 13, {
        "FromAccountIndex": 1, "ApiKeyIndex": KEY + 1, "Nonce": 0, "ExpiredAt": NOW + 5, "AssetIndex": 3,
        "RouteType": 0, "Amount": 5,
    })  # fmt: skip
    assert stolen(None, [{"op": "withdraw", "message": other}]) == {"bus signature"}


def test_a_register_that_no_request_asks_for() -> None:
    """It appears in the list of requests, which L1 compares with its queue."""
    key = list(public_key(UNREGISTERED))
    register = {"op": "register", "account": 1, "key": KEY, "public_key": key}
    assert hidden([register, scene().withdraw(1, 0, 5)], "requests") == {"list requests"}


# --- what is published


def hidden(operations: Sequence[PlainOperation], name: str) -> set[str]:
    """What names a true batch whose list leaves its first entry out."""
    batch = Cheater(rules(), after()()).execute(operations)
    known = {**secrets(), public_key(UNREGISTERED): UNREGISTERED}
    the_air, traces, public = false_tables(rules(), air(), batch, known)
    assert not check(the_air, traces, public)
    index = next(k for k, entry in enumerate(the_air.lists) if entry.name == name)
    lists = [entries[1:] if k == index else entries for k, entries in enumerate(public.lists)]
    return names_found((the_air, traces, PublicValues.of(public.scalars, lists)))


def test_an_omitted_deposit() -> None:
    """Money that no request brought; and a request that is passed over, which changes all later numbers."""
    deposit = {"op": "deposit", "account": 1, "owner": owner(1), "amount": 5}
    assert hidden([deposit], "requests") == {"list requests"}
    first, second = (
        venue().execute(operations) for operations in ([deposit], [{"op": "fund", "amount": 7}, deposit])
    )
    numbers = [batch_tables(air(), rules(), batch)[1].lists[0][-1][0] for batch in (first, second)]
    assert numbers[1] == numbers[0] + 1


@pytest.mark.parametrize(
    "operation", [scene().withdraw(1, 0, 5), {"op": "forced_withdraw", "account": 1, "amount": 5}]
)
def test_an_omitted_withdrawal(operation: PlainOperation) -> None:
    assert hidden([operation], "payouts") == {"list payouts"}


def test_an_omitted_leaf() -> None:
    assert hidden([scene().withdraw(1, 0, 5)], "leaves") == {"list leaves"}


# --- two timelines


def test_an_account_touched_twice() -> None:
    """A second row for account 1, with its cash from before: two timelines of one leaf."""
    s = scene()
    batch = Cheater(rules(), after()()).execute([s.withdraw(1, 0, CASH)])
    the_air, traces, public = false_tables(rules(), air(), batch, secrets())
    leaves = trace_of(traces, the_air, "leaves")
    columns = the_air.table("leaves").columns
    kinds = leaves[[columns.index(kind.name.lower()) for kind in Kind]]
    used, accounts = np.flatnonzero(kinds.any(axis=0)), np.flatnonzero(kinds[0])
    spare = int(used[-1]) + 1
    leaves[:, spare] = leaves[:, accounts[0]]
    assert {"bus memory", "bus node"} & names_found((the_air, traces, public))


def test_a_replayed_batch() -> None:
    """The batch again: its messages are used up, and its proof is about another root than the present one."""
    s = scene()
    ledger = venue()
    operations: list[Any] = [clock(1), s.withdraw(1, 0, 5)]
    _, public = batch_tables(air(), rules(), ledger.execute(operations))
    with pytest.raises(Halted, match="nonce not used before"):
        ledger.execute(operations)
    assert public.scalars[4:] == ledger.state.root() != public.scalars[:4]


def test_an_empty_batch_changes_the_root() -> None:
    """Batches are counted in the state, so no batch can come twice, not even one that does nothing."""
    ledger = venue()
    root = ledger.state.root()
    ledger.execute([])
    assert ledger.state.root() != root


# --- proofs of something else


@cache
def proven() -> tuple[Setup, ProvenBatch]:
    """A batch of the scene's venue, proven."""
    setup = Setup.of(order_book_preset(), 3)
    return setup, setup.prove(venue().execute([clock(1), scene().withdraw(1, 0, 5)]))


def rejects(setup: Setup, public: PublicValues, proof: bytes) -> bool:
    try:
        setup.verify(public, proof)
    except ProofRejected:
        return True
    return False


def test_the_proof_of_the_batch_is_accepted() -> None:
    setup, batch = proven()
    assert not rejects(setup, batch.public, batch.proof)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("chain_id = 88101", "chain_id = 88102"),
        ('taker = "4bps"', 'taker = "5bps"'),
        ('initial = "5%"', 'initial = "4%"'),
    ],
    ids=["another venue's chain id", "another fee", "another margin"],
)
def test_a_proof_of_another_venue_or_spec(ours: str, theirs: str) -> None:
    """The AIR's hash is part of the transcript, and commits to every constant of every rule."""
    text = (resource_dir("presets") / "order_book.toml").read_text()
    assert ours in text
    setup, batch = proven()
    other = Setup.of(loads_spec(text.replace(ours, theirs), "another spec"), 3)
    assert other.air.hash != setup.air.hash
    assert rejects(replace(other, spec_hash=setup.spec_hash), batch.public, batch.proof)


def test_a_proof_under_another_specs_hash() -> None:
    """What only the engine or the contracts read is bound too: the spec's own hash."""
    setup, batch = proven()
    assert rejects(replace(setup, spec_hash=bytes(32)), batch.public, batch.proof)


def test_a_proof_about_other_roots() -> None:
    """A batch proven from one state is no proof from another: a replayed batch is refused by its old root."""
    setup, batch = proven()
    for k in (0, 4):
        scalars = list(batch.public.scalars)
        scalars[k] = (scalars[k] + 1) % P
        assert rejects(setup, PublicValues(tuple(scalars), batch.public.lists), batch.proof)
