"""The unmodified client of the exchange trades on a launched venue, and its fill is settled on L1."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from l2forge.chain.accounts import account_of, dev_account
from l2forge.chain.venue_client import VenueClient
from l2forge.launch.control import down, up_detached
from l2forge.launch.home import Home, free_port
from l2forge.launch.venue import api_url
from l2forge.ledger.messages.fields import words
from l2forge.venue.l1 import venue_client
from l2forge.venue.settings import Settings

PRESET = Path(__file__).parent.parent.parent / "presets" / "order_book.toml"
MINTER = "dev:4"
USERS = (20, 21)
KEY = 5
DEPOSIT = 10_000 * 10**6
PATIENCE_S = 300.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A launched venue that closes a batch every ten seconds."""
    spec = tmp_path_factory.mktemp("venue") / "venue.toml"
    text = PRESET.read_text().replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}")
    spec.write_text(text.replace('max_interval = "30s"', 'max_interval = "10s"'))
    try:
        yield up_detached(spec, print)
    finally:
        down(spec)


def keys(python: Path) -> list[tuple[str, str]]:
    """Key pairs (secret, public) as the client makes them, one for each user."""
    script = (
        "import json; from lighter.signer_client import create_api_key;"
        f"print(json.dumps([create_api_key()[:2] for _ in range({len(USERS)})]))"
    )
    made = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    return [(secret, public) for secret, public in json.loads(made.stdout)]


def wait_for(condition: Callable[[], Any]) -> Any:
    """The first true value of a condition."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.3)
    return found


def open_accounts(client: VenueClient, public_keys: list[str]) -> list[int]:
    """Deposit and register a key on L1 for each user; their accounts."""
    minter = client.token.as_account(account_of(MINTER))
    accounts = []
    for user, public in zip(USERS, public_keys, strict=True):
        owner = dev_account(user)
        minter.send("mint", owner.address, DEPOSIT)
        mine = client.as_account(owner)
        mine.deposit(DEPOSIT)
        mine.register_key(KEY, words(bytes.fromhex(public.removeprefix("0x"))))
        accounts.append(client.account_of(owner.address))
    return accounts


def get(home: Home, path: str, **query: Any) -> dict[str, Any]:
    """A page of the venue."""
    found: dict[str, Any] = httpx.get(f"{api_url(home)}{path}", params=query).json()
    return found


def test_a_bots_session(home: Home, client_python: Path) -> None:
    pairs = keys(client_python)
    client = venue_client(Settings.read(home.settings))
    accounts = open_accounts(client, [public for _, public in pairs])
    for account in accounts:
        wait_for(lambda a=account: get(home, "/api/v1/apikeys", account_index=a).get("api_keys"))
    wait_for(lambda: get(home, "/api/v1/venue/health")["prices_fresh"]["0"])

    settings = {
        "url": api_url(home),
        "chain_id": 88101,
        "accounts": {
            str(account): {"key": KEY, "secret": secret}
            for account, (secret, _) in zip(accounts, pairs, strict=True)
        },
    }
    script = Path(__file__).parent / "session.py"
    done = subprocess.run(
        [client_python, "-I", script, json.dumps(settings)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])

    assert seen["check"] == [None, None]
    for step in ("placed", "post_only", "cancel", "fill", "cancel_all"):
        assert seen.get(step) == [200, None], seen
    assert seen["live"] == [1, 2]
    assert seen["book"] == [1, 0]
    assert seen["position"] == [1, "0.00400"]
    assert seen["trade"] == "0.00400"
    assert seen["ended"] == [[1, "canceled"]]
    assert seen["too_large"][0] is None
    assert "code=21706" in seen["too_large"][1]
    assert seen["books"] == [["0", 1]]
    assert seen["accounts"] == [[str(accounts[0]), ["0"]]]

    # the batch that holds the fill is proven and counts on L1
    height = get(home, "/api/v1/tx", by="hash", value=seen["tx_hash"])["block_height"]
    wait_for(lambda: client.state().batches >= height)
    wait_for(lambda: get(home, "/api/v1/tx", by="hash", value=seen["tx_hash"])["verified_at"])
    operations = get(home, f"/api/v1/venue/batches/{height}")["operations"]
    fills = [operation for operation in operations if operation["op"] == "fill"]
    assert [(fill["maker"][0], fill["taker"][0], fill["lots"]) for fill in fills] == [(*accounts, 400)]
    proof = httpx.get(f"{api_url(home)}/api/v1/venue/proofs/{height}")
    assert len(proof.content) > 10_000
    assert client.state().deposits_units >= 2 * DEPOSIT
