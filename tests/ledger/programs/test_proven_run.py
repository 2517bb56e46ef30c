"""A random run of the engine, proven for real: what the proof publishes is the engine's state."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from benchmarks.batches import order_book_preset
from l2forge.engine import layout as at
from l2forge.ledger.ledger import Ledger
from l2forge.ledger.messages import digest
from l2forge.ledger.proving import Setup
from l2forge.ledger.schnorr import public_key, secret_from_seed, sign
from l2forge.ledger.source_keys import dev_secret
from l2forge.stark.field import P
from l2forge.stark.public import PublicValues
from tests.ledger.programs.comparison import expected_words
from tests.ledger.programs.engine_run import UNSIGNED, EngineRun
from tests.ledger.programs.flows import START_MS, Flow

N_COMMANDS = 2_000
LOG_BLOWUP = 3
FIRST_SOURCE = 10
"""Sources sign with the development keys from this one on."""


def secret(account: int, key: int) -> int:
    """The secret of an account's key."""
    return secret_from_seed(b"key %3d of account %6d of a random run" % (key, account))


def signed_run(setup: Setup) -> EngineRun:
    """A run whose every message carries a valid signature."""
    chain_id = setup.rules.chain_id

    def signature(who: int, key: int, kind: int, fields: dict[str, Any]) -> str:
        own = dev_secret(FIRST_SOURCE + who) if key < 0 else secret(who, key)
        return base64.b64encode(sign(own, digest(kind, {**fields, "Sig": UNSIGNED}, chain_id))).decode()

    return EngineRun(
        setup.rules.config, START_MS, lambda account, key: public_key(secret(account, key)), signature
    )


def published_words(public: PublicValues) -> dict[int, int]:
    """The words of the leaves that the proof publishes, by address."""
    leaves = public.lists[2].tolist()
    return {first + k: word for first, *words in leaves for k, word in enumerate(words)}


@pytest.mark.slow
def test_a_run_of_two_thousand_commands_is_proven() -> None:
    setup = Setup.of(order_book_preset(), LOG_BLOWUP)
    run = signed_run(setup)
    flow = Flow(run, 1, {0: 600_000.0, 1: 300_000.0}, 10**10, step=0.004)
    flow.open()
    flow.play(N_COMMANDS)
    batch = Ledger(setup.rules).execute(run.take())
    proven = setup.prove(batch)
    setup.verify(proven.public, proven.proof)

    words = published_words(proven.public)
    wrong = [name for name, place, value in expected_words(run) if words.get(place, 0) != value % P]
    assert wrong == []
    requests, payouts = (entries.tolist() for entries in proven.public.lists[:2])
    assert sum(request[6] for request in requests if request[1] in (1, 4)) == run.word(at.H_DEPOSITS)
    assert sum(payout[4] for payout in payouts) == run.word(at.H_WITHDRAWALS)
