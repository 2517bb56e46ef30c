"""What a venue costs on L1: a batch proven, verified and settled. `python -m benchmarks.l1_gas [--json]`

The contracts of the preset with two markets are deployed on an anvil that enforces mainnet's limits. 128
accounts deposit and register keys through L1 requests, which an opening batch consumes; then the batch of
`benchmarks.batches` (N fills between 2N signed orders) is settled, and it is this one that is measured; then
a withdrawal asked for on L1 is proven and claimed. Every batch is proven at the parameters under which its
gas is reported, and verified by both verifiers. Gas is exact and does not depend on the machine.

A transaction pays the larger of its computation (with 16 gas a non-zero byte of calldata) and the floor of 40
gas a non-zero byte (EIP-7623); what the floor adds is `calldata_floor`. The split adds up to the total.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.batches import DEPOSIT, START_MS, Signer, opening, order_book_preset, owner_of, trades
from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilNode, AnvilOptions, running_anvil
from l2forge.chain.artifacts import Artifact
from l2forge.chain.batch import root_bytes
from l2forge.chain.client import Receipt, await_receipt, connect
from l2forge.chain.deploy import Deployer
from l2forge.chain.proof_calldata import encode_proof
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.venue_client import VenueClient
from l2forge.chain.venue_deployment import DeployedVenue, Parties, deploy_venue
from l2forge.compile.phases import VenueCompilation
from l2forge.compile.verifier import compile_verifier, render_verifier
from l2forge.ledger.ledger import ExecutedBatch, Ledger
from l2forge.ledger.operations import PlainOperation
from l2forge.ledger.proving import Setup, largest_log_height
from l2forge.resources import resource_dir
from l2forge.stark.security import security_table

BASE_GAS, ZERO_BYTE, BYTE = 21_000, 4, 16
WITHDRAWAL = 10**6
OPERATOR = dev_account(0)
PARTIES = Parties(*(dev_account(k).address for k in (0, 1, 2, 0)))


@dataclass
class Split:
    """Gas of transactions by what it was spent on."""

    parts: dict[str, int] = field(default_factory=dict)
    total: int = 0
    largest_gas: int = 0
    largest_bytes: int = 0
    transactions: list[dict[str, int]] = field(default_factory=list)

    def add(self, node: AnvilNode, receipt: Receipt, names: Mapping[str, str]) -> None:
        """Count one transaction; `names` says what the contracts' own computation is for."""
        raw = bytes.fromhex(node.rpc("eth_getRawTransactionByHash", receipt.tx_hash)[2:])
        sent = node.rpc("eth_getTransactionByHash", receipt.tx_hash)
        data = bytes.fromhex(sent["input"][2:])
        trace = node.rpc("debug_traceTransaction", receipt.tx_hash, {"tracer": "callTracer"})
        calldata = ZERO_BYTE * data.count(0) + BYTE * (len(data) - data.count(0))
        own = _own_gas(trace, names)
        computed = int(trace["gasUsed"], 16) - BASE_GAS - calldata
        rest = computed - sum(own.values())  # of the called contract, refunds taken off
        own[names[sent["to"].lower()]] = own.get(names[sent["to"].lower()], 0) + rest
        parts = {"base": BASE_GAS, "calldata": calldata, **own}
        parts["calldata_floor"] = receipt.gas_used - sum(parts.values())
        for name, gas in parts.items():
            self.parts[name] = self.parts.get(name, 0) + gas
        self.total += receipt.gas_used
        self.largest_gas = max(self.largest_gas, receipt.gas_used)
        self.largest_bytes = max(self.largest_bytes, len(raw))
        self.transactions.append({"gas": receipt.gas_used, "bytes": len(raw)})


def _own_gas(call: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, int]:
    """Gas of the calls below `call`, each without its own calls, by what it was for."""
    found: dict[str, int] = {}
    for inner in call.get("calls", []):
        below = _own_gas(inner, names)
        name = names[inner["to"].lower()]
        below[name] = below.get(name, 0) + int(inner["gasUsed"], 16) - sum(below.values())
        for key, gas in below.items():
            found[key] = found.get(key, 0) + gas
    return found


def part_of(label: str) -> str:
    """The part of the split that the computation of a contract belongs to, by its label in the record."""
    steps = {
        "Verifier": "verification_head",  # steps 2 to 6 and 8, and keeping a proof's progress
        "Verifier.evaluator": "verification_constraints",  # step 7
        "Verifier.rows": "verification_rows",  # the opened rows of steps 10 to 12
        "Verifier.queries": "verification_queries",  # the rest of steps 9 to 14
    }
    return steps.get(label.rstrip("0123456789"), "state")


class Bench:
    """A deployed venue and the ledger that its batches come from."""

    def __init__(self, log_blowup: int, node: AnvilNode, record: DeploymentRecord) -> None:
        self.node = node
        self.setup = Setup.of(order_book_preset(), log_blowup)
        self.height = largest_log_height(self.setup.rules, order_book_preset().require().proof.max_operations)
        self.ledger = Ledger(self.setup.rules)
        self.deployed = self._deploy(record)
        self.names = {entry.address.lower(): part_of(label) for label, entry in record.contracts.items()}

    def _deploy(self, record: DeploymentRecord) -> DeployedVenue:
        contracts = VenueCompilation(resource_dir("presets") / "order_book.toml").contracts.contracts.values()
        artifacts: dict[str, Artifact] = {artifact.name: artifact for artifact in contracts}
        verifier = compile_verifier(
            render_verifier(
                self.setup.air, self.setup.params, spec_hash=self.setup.spec_hash, max_log_height=self.height
            )
        )
        self.contract_bytes = {a.name: len(a.runtime) for a in (*verifier.all, artifacts["Venue"])}
        deployer = Deployer(connect(self.node.url), OPERATOR, record)
        root = root_bytes(self.ledger.state.root())
        return deploy_venue(deployer, artifacts, verifier, PARTIES, genesis_root=root)

    @property
    def client(self) -> VenueClient:
        """The venue, used by the operator."""
        return self.deployed.client

    def settle(self, operations: list[PlainOperation]) -> tuple[Split, ExecutedBatch, int]:
        """Run, prove, verify in Python, verify and settle on L1; the proof's bytes."""
        batch = self.ledger.execute(operations)
        proven = self.setup.prove(batch)
        calldata = encode_proof(self.setup.verify(proven.public, proven.proof), proven.public, proven.proof)
        split = Split()
        for receipt in self.client.submit(self.deployed.verifier, calldata, proven.public):
            split.add(self.node, receipt, self.names)
        return split, batch, len(proven.proof)

    def as_owner(self, account: int, function: str, *arguments: Any) -> Receipt:
        """A call by the account's owner, whom the node impersonates."""
        venue, owner = self.client.venue, owner_of(account)
        self.node.rpc("anvil_setBalance", owner, hex(10**18))
        self.node.rpc("anvil_impersonateAccount", owner)
        call = {"from": owner, "to": venue.address, "data": venue.encode(function, *arguments)}
        return await_receipt(venue.w3, self.node.rpc("eth_sendTransaction", call))


def request_all(bench: Bench, operations: list[PlainOperation]) -> dict[str, int]:
    """Make the requests that the operations serve; gas of some."""
    client, token = bench.client, bench.client.token
    total = sum(operation["amount"] for operation in operations if operation["op"] == "deposit")
    token.send("mint", OPERATOR.address, total + DEPOSIT)
    token.send("approve", client.venue.address, 2**256 - 1)
    bench.node.rpc("evm_increaseTime", 31 * 86_400)  # the second stage's cap
    gas = {}
    for operation in operations:
        if operation["op"] == "deposit":
            queued = client.deposit(operation["amount"], owner=operation["owner"])
            gas["deposit_opening_gas"] = queued.receipt.gas_used
        elif operation["op"] == "register":
            arguments = (0, operation["key"], operation["public_key"])
            gas["key_gas"] = bench.as_owner(operation["account"], "registerKey", *arguments).gas_used
    return gas


def measure(log_blowup: int, n: int, node: AnvilNode, record: DeploymentRecord) -> dict[str, Any]:
    """From deployment to claim."""
    bench = Bench(log_blowup, node, record)
    signer = Signer(bench.setup.rules.chain_id)
    first = opening(signer)
    figures: dict[str, Any] = request_all(bench, first)
    opened, _, _ = bench.settle(first)
    split, _, proof_bytes = bench.settle(trades(signer, n))
    forced = bench.as_owner(1, "requestWithdrawal", 0, WITHDRAWAL).gas_used
    deposit = bench.client.deposit(DEPOSIT, owner=owner_of(1)).receipt.gas_used
    bench.settle(
        [
            {"op": "clock", "time": START_MS + 2_000},
            {"op": "forced_withdraw", "account": 1, "amount": WITHDRAWAL},
            {"op": "deposit", "account": 1, "owner": owner_of(1), "amount": DEPOSIT},
        ]
    )
    claimed = bench.client.claim(owner_of(1))
    if claimed.units != WITHDRAWAL:
        raise SystemExit(f"{claimed.units} units were paid, {WITHDRAWAL} asked for")
    params = bench.setup.params
    shape_bits = security_table(params, _shape(bench)).bits
    return figures | {
        "trades": n,
        "n_queries": params.n_queries,
        "security_bits_proven": shape_bits,
        "opened_columns": bench.setup.air.n_base_columns,
        "proof_bytes": proof_bytes,
        "batch_gas_total": split.total,
        "gas_per_trade": split.total / n,
        "largest_tx_gas": max(split.largest_gas, opened.largest_gas),
        "largest_tx_bytes": max(split.largest_bytes, opened.largest_bytes),
        "split": split.parts,
        "transactions": split.transactions,
        "opening_gas_total": opened.total,
        "deposit_gas": deposit,
        "withdrawal_request_gas": forced,
        "claim_gas": claimed.receipt.gas_used,
        "deployment_gas": record.gas_used,
        "contract_bytes": bench.contract_bytes,
    }


def _shape(bench: Bench) -> Any:
    from l2forge.stark.layout import largest_shape

    return largest_shape(bench.setup.air, bench.setup.params.log_blowup, bench.height)


def print_figures(blowup: int, figures: Mapping[str, Any]) -> None:
    """One blow-up for a reader."""
    bits = figures["security_bits_proven"]
    print(f"blow-up {blowup}: {figures['n_queries']} queries, {bits:.1f} bits proven")
    print(f"  {figures['proof_bytes']:>12,} bytes of proof, {figures['opened_columns']} base columns opened")
    print(f"  {figures['batch_gas_total']:>12,} gas for {figures['trades']} trades", end="")
    print(f", {figures['gas_per_trade']:,.0f} a trade")
    for name, gas in figures["split"].items():
        print(f"    {name:26} {gas:>10,}")
    for transaction in figures["transactions"]:
        print(f"  transaction: {transaction['gas']:,} gas, {transaction['bytes']:,} bytes")
    for name in ("deposit_opening", "deposit", "key", "withdrawal_request", "claim"):
        print(f"  {name:20} {figures[f'{name}_gas']:>9,} gas")
    for name, size in figures["contract_bytes"].items():
        print(f"  {name:16} {size:>7,} bytes of code")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description="Gas of a venue on L1.")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--trades", type=int, default=512, help="fills in the batch")
    parser.add_argument("--log-blowups", type=int, nargs="+", default=[4, 5], help="log2 of the blow-ups")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for log_blowup in options.log_blowups:
        launched = AnvilOptions(extra=("--timestamp", str(START_MS // 1000)))
        with tempfile.TemporaryDirectory() as directory, running_anvil(launched) as node:
            record = DeploymentRecord.open(Path(directory) / "deployment.json", node.chain_id)
            blowup = 1 << log_blowup
            results[f"blowup{blowup}"] = measure(log_blowup, options.trades, node, record)
            print_figures(blowup, results[f"blowup{blowup}"])
    cheapest = min(results.values(), key=lambda figures: figures["batch_gas_total"])
    if options.json:
        print(json.dumps({**cheapest, **results}))


if __name__ == "__main__":
    main()
