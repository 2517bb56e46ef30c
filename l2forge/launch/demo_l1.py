"""The demo's steps on L1: contracts, deposits and keys, the proof and its settlement, the claim."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from l2forge.chain.accounts import account_of, dev_account
from l2forge.chain.client import ContractClient, Receipt
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.venue_client import VenueClient
from l2forge.errors import CheckFailed
from l2forge.launch.demo_api import KEY_INDEX, Trader
from l2forge.launch.demo_scene import Scene, require
from l2forge.launch.deployment import LOCAL_MINTER
from l2forge.venue.l1 import artifact, venue_client

NAMES = ("Ada", "Ben", "Cleo")
FIRST_DEV_ACCOUNT = 20
DEPOSIT = 10_000
L1_TIMEOUT_S = 60.0
PROOF_TIMEOUT_S = 600.0


def tell_deployment(scene: Scene) -> None:
    """The contracts, with their gas."""
    record = DeploymentRecord.open(scene.home.deployment, scene.l1.venue.w3.eth.chain_id)
    for label, entry in record.contracts.items():
        scene.say(f"{label:<22} {entry.address} {entry.gas_used:>11,} gas")
    scene.say(f"{len(record.contracts)} contracts, {record.gas_used:,} gas; the API is at {scene.api.url}")
    promised = scene.settings.load().hash()
    config = _contract(scene, "VenueConfig", scene.l1.venue.call("config"))
    found = bytes(config.call("SPEC_HASH"))
    require(found.hex() == promised, f"the contracts commit to spec {found.hex()}, not to {promised}")
    scene.say(f"the contracts commit to this spec: 0x{promised}")
    scene.figures |= {"contracts": len(record.contracts), "deployment_gas": record.gas_used}


def _contract(scene: Scene, name: str, address: str) -> ContractClient:
    """A contract of the venue's build."""
    return ContractClient(scene.l1.venue.w3, name, address, artifact(scene.home.build, name).abi)


def deposit(scene: Scene) -> None:
    """Three people deposit on L1 and register their keys there"""
    units = DEPOSIT * 10**scene.decimals
    chain_id = scene.venue.venue.chain_id
    people = [dev_account(FIRST_DEV_ACCOUNT + k) for k in range(len(NAMES))]
    scene.traders = [Trader(*each, chain_id, scene.api) for each in zip(NAMES, people, strict=True)]
    minter = _contract(scene, "TestToken", scene.settings.token).as_account(account_of(LOCAL_MINTER))
    for trader in scene.traders:
        minter.send("mint", trader.l1.address, units)
    with ThreadPoolExecutor(len(scene.traders)) as pool:
        entered = list(pool.map(lambda trader: _enter(scene, trader, units), scene.traders))
    for trader, (paid, key) in zip(scene.traders, entered, strict=True):
        scene.say(
            f"{trader.name} ({trader.l1.address}) deposits {scene.money(units)} into account "
            f"{trader.account} ({paid.gas_used:,} gas), registers key {KEY_INDEX} ({key.gas_used:,} gas)"
        )
    expected = scene.l1.n_requests()
    scene.wait("the venue's reading of L1", lambda: _health(scene)["l1_requests"] == expected, L1_TIMEOUT_S)
    scene.say(f"the venue has taken up all {expected} requests of the queue on L1 (the first: insurance)")
    scene.figures |= {
        "deposit_gas": [paid.gas_used for paid, _ in entered],
        "key_gas": [key.gas_used for _, key in entered],
    }


def _enter(scene: Scene, trader: Trader, units: int) -> tuple[Receipt, Receipt]:
    client = client_of(scene, trader)
    queued = client.deposit(units)
    trader.account = queued.request.account
    return queued.receipt, client.register_key(KEY_INDEX, trader.public_key).receipt


def client_of(scene: Scene, trader: Trader) -> VenueClient:
    """The contracts as a trader uses them."""
    return venue_client(scene.settings, trader.l1)


def await_proof(scene: Scene) -> None:
    """The batch is closed and proven"""
    scene.wait("the closing of the batch", lambda: _find_batch(scene) > 0, PROOF_TIMEOUT_S)
    number = scene.batch
    operations = scene.api.get(f"venue/batches/{number}")["operations"]
    kinds = [operation["op"] for operation in operations]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    scene.say(f"batch {number} is closed: {len(operations)} operations ({counts})")
    for each in range(1, number + 1):
        scene.wait(f"the proof of batch {each}", partial(_is_proven, scene, each), PROOF_TIMEOUT_S)
        _tell_proof(scene, _progress(scene, each))
    figures = _progress(scene, number)["proof_figures"]
    required = scene.venue.proof.security_bits
    require(figures["security_bits"] >= required, f"{figures['security_bits']} bits, {required} asked for")
    scene.figures |= {"batch": number, "operations": len(operations), "proof": figures}


def _tell_proof(scene: Scene, batch: Mapping[str, Any]) -> None:
    figures = batch["proof_figures"]
    scene.say(
        f"batch {batch['number']}: {batch['n_operations']} operations, proven and checked in "
        f"{figures['ms'] / 1000:.1f} s: {figures['bytes']:,} bytes, {figures['security_bits']} bits of "
        f"security ({scene.venue.proof.regime}), blow-up {figures['blowup']}, {figures['n_queries']} queries"
    )
    phases = sorted(figures["phases"].items(), key=lambda item: -item[1])
    scene.say("  " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in phases if seconds >= 0.05))


def await_settlement(scene: Scene) -> None:
    """The contract verifies the proof, and the batch counts on L1"""
    scene.wait("settlement", lambda: _progress(scene, scene.batch)["status"] == "settled", PROOF_TIMEOUT_S)
    settled = [_tell_settlement(scene, _progress(scene, each)) for each in range(1, scene.batch + 1)]
    found, promised = scene.l1.root().hex(), _progress(scene, scene.batch)["new_root"]
    if scene.l1.state().batches == scene.batch:  # else a later batch is settled already
        require(found == promised, f"the root on L1 is {found}, the proof's {promised}")
        scene.say(f"the state's root on L1 is the proof's: 0x{promised}")
    scene.figures["settlement"] = settled[-1]


def _tell_settlement(scene: Scene, batch: Mapping[str, Any]) -> dict[str, Any]:
    sent = []
    for each in batch["l1_figures"]["transactions"]:
        answer = scene.l1.venue.w3.provider.make_request("eth_getRawTransactionByHash", [each["hash"]])  # type: ignore[arg-type]
        sent.append({**each, "bytes": len(answer["result"]) // 2 - 1})
    *verification, settling = sent
    gas = sum(each["gas"] for each in sent)
    parts = " + ".join(f"{each['gas']:,}" for each in verification)
    scene.say(
        f"batch {batch['number']}: verified in {len(verification)} transactions ({parts} gas, "
        f"{sum(each['bytes'] for each in verification):,} bytes), settled in one of {settling['gas']:,} gas "
        f"and {settling['bytes']:,} bytes; {gas:,} gas in all"
    )
    return {"gas": gas, "transactions": sent}


def claim(scene: Scene) -> None:
    """The withdrawal is paid on L1"""
    trader = scene.traders[0]
    client = client_of(scene, trader)
    before = int(client.token.call("balanceOf", trader.l1.address))
    claimable = client.claimable(trader.l1.address)
    scene.say(f"{trader.name} may claim {scene.money(claimable.signed)}")
    paid = client.claim()
    arrived = int(client.token.call("balanceOf", trader.l1.address)) - before
    require(
        arrived == paid.units == scene.withdrawn_units,
        f"{arrived} units arrived, {scene.withdrawn_units} were asked for",
    )
    scene.say(f"{scene.money(arrived)} arrived on L1 ({paid.receipt.gas_used:,} gas)")
    held = int(client.token.call("balanceOf", scene.settings.venue))
    owed = client.liabilities() + client.totals().unclaimed
    scene.say(f"the contract holds {scene.money(held)}, {scene.money(owed)} of it owed to accounts and funds")
    require(held >= owed, "the contract holds less than it owes")
    scene.figures |= {"claim_gas": paid.receipt.gas_used, "withdrawn_units": arrived}


def _health(scene: Scene) -> dict[str, Any]:
    return scene.api.get("venue/health")


def _find_batch(scene: Scene) -> int:
    """The batch that holds the withdrawal; 0 while it is open."""
    height = int(scene.api.get("tx", by="hash", value=scene.withdrawal)["block_height"])
    scene.batch = height if height <= _health(scene)["batches"]["closed"] else 0
    return scene.batch


def _progress(scene: Scene, number: int) -> dict[str, Any]:
    """A batch as the venue shows it. Errors: CheckFailed where the prover has failed on it."""
    (batch,) = scene.api.get("venue/batches", before=number + 1, limit=1)["batches"]
    if batch["error"]:
        raise CheckFailed(f"batch {number}: {batch['error']}")
    return dict(batch)


def _is_proven(scene: Scene, number: int) -> bool:
    return _progress(scene, number)["status"] in ("proven", "settled")
