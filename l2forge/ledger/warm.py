"""Compiling the ledger's kernels ahead of time, by proving a batch that uses all of them."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

from l2forge.ledger.ledger import Ledger
from l2forge.ledger.messages import digest
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.proving import Setup
from l2forge.ledger.schnorr import SIGNATURE_BYTES, public_key, sign, verify

TIME_MS = 1_700_000_000_000
SECRET = 1
ACCOUNT, KEY, AMOUNT = 1, 4, 10**6
CHEAP = {"log_blowup": 4, "n_queries": 1, "grinding_bits": 1}
"""Nothing is 0 that a real proof has: what does not run is not compiled."""


def warm_ledger(setup: Setup) -> None:
    """Run, prove and verify a small batch, so that every kernel is compiled and in the cache.

    With a warm cache this takes about two seconds.
    """
    ledger = Ledger(setup.rules)
    quick = replace(setup, params=replace(setup.params, **CHEAP), security_bits=0)
    proven = quick.prove(ledger.execute(_operations(setup.rules.chain_id)))
    quick.verify(proven.public, proven.proof)


def _operations(chain_id: int) -> list[PlainOperation]:
    """A deposit, a key, a signed order, a withdrawal asked for on L1."""
    info = {
        "AccountIndex": ACCOUNT,
        "ApiKeyIndex": KEY,
        "MarketIndex": 0,
        "ClientOrderIndex": 1,
        "BaseAmount": 1,
        "Price": 1,
        "IsAsk": 0,
        "Type": 0,
        "TimeInForce": 1,
        "ReduceOnly": 0,
        "TriggerPrice": 0,
        "OrderExpiry": TIME_MS + 86_400_000,
        "ExpiredAt": TIME_MS + 60_000,
        "Nonce": 0,
        "Sig": base64.b64encode(bytes(SIGNATURE_BYTES)).decode(),
    }
    hashed = digest(14, info, chain_id)
    signature = sign(SECRET, hashed)
    assert verify(public_key(SECRET), hashed, signature)
    info["Sig"] = base64.b64encode(signature).decode()
    return [
        {"op": "clock", "time": TIME_MS},
        {"op": "deposit", "account": ACCOUNT, "owner": "0x" + "11" * 20, "amount": AMOUNT},
        {"op": "register", "account": ACCOUNT, "key": KEY, "public_key": list(public_key(SECRET))},
        {"op": "order", "message": {"type": 14, "info": json.dumps(info)}},
        {"op": "forced_withdraw", "account": ACCOUNT, "amount": AMOUNT // 2},
    ]
