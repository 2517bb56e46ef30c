"""What a proof costs on L1: gas by part, bytes, contracts. `python -m benchmarks.verifier_gas [--json]`

The Poseidon2 example is proven at 100 bits (Johnson bound, 24 bits of grinding), verified in Python, and then
by deployed contracts on an anvil that enforces mainnet's limits: 16,777,216 gas and 128 KB a
transaction, 24,576 bytes a contract. Gas is exact and does not depend on the machine. A transaction pays the
larger of its computation (with 16 gas a non-zero byte of calldata) and the floor of 40 gas a non-zero byte
(EIP-7623), so `computation` and `calldata_floor` do not add up to the total.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from examples.poseidon2_table import poseidon2_air, poseidon2_witness
from l2forge.air.proving import prove, verify
from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilNode, running_anvil
from l2forge.chain.client import Receipt, connect
from l2forge.chain.deploy import Deployer
from l2forge.chain.proof_calldata import encode_proof
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.stark_verifier import L1Verifier
from l2forge.compile.verifier import compile_verifier, render_verifier
from l2forge.stark.layout import largest_shape
from l2forge.stark.public import PublicValues
from l2forge.stark.security import choose_parameters, security_table

SECURITY_BITS = 100
LOG_FINAL = 5
BASE_GAS, ZERO_BYTE, BYTE, FLOOR_ZERO_BYTE, FLOOR_BYTE = 21_000, 4, 16, 10, 40


def transaction_figures(node: AnvilNode, receipt: Receipt, names: dict[str, str]) -> dict[str, Any]:
    """Gas of one transaction: total, floor, calldata, and what each contract's own computation took."""
    raw = node.rpc("eth_getTransactionByHash", receipt.tx_hash)
    data = bytes.fromhex(raw["input"][2:])
    n_zero = data.count(0)
    trace = node.rpc("debug_traceTransaction", receipt.tx_hash, {"tracer": "callTracer"})
    parts: dict[str, int] = {}
    for call in trace.get("calls", []):
        name = names.get(call["to"].lower(), "other")
        parts[name] = parts.get(name, 0) + int(call["gasUsed"], 16)
    calldata = ZERO_BYTE * n_zero + BYTE * (len(data) - n_zero)
    computation = int(trace["gasUsed"], 16) - BASE_GAS - calldata
    parts["entry"] = computation - sum(parts.values())
    return {
        "gas": receipt.gas_used,
        "bytes": len(data),
        "calldata": calldata,
        "calldata_floor": BASE_GAS + FLOOR_ZERO_BYTE * n_zero + FLOOR_BYTE * (len(data) - n_zero),
        "computation": computation,
        "by_contract": parts,
    }


def measure(log_rows: int, log_blowup: int, node: AnvilNode, record: DeploymentRecord) -> dict[str, Any]:
    """Prove, verify in Python, deploy, verify on L1."""
    air = poseidon2_air()
    shape = largest_shape(air, log_blowup, log_rows)
    params = choose_parameters(shape, security_bits=SECURITY_BITS, log_blowup=log_blowup, log_final=LOG_FINAL)
    traces, scalars, lists = poseidon2_witness(log_rows)
    public = PublicValues(scalars, tuple(lists))
    proof = prove(air, traces, public, params).data
    checked = verify(air, public, proof, params, security_bits=SECURITY_BITS)
    artifacts = compile_verifier(render_verifier(air, params, max_log_height=log_rows))
    deployer = Deployer(connect(node.url), dev_account(0), record)
    verifier = L1Verifier.deploy(deployer, artifacts, label=f"Verifier{log_blowup}")
    names = {verifier.entry.call("QUERY_VERIFIER").lower(): "queries"}
    for k in range(len(artifacts.evaluators)):
        names[verifier.entry.call(f"EVALUATOR_{k}").lower()] = f"constraints_{k}"
    receipts = verifier.verify(encode_proof(checked, public, proof))
    if not verifier.is_proven(public):
        raise SystemExit("the contract does not hold the statement proven")
    transactions = [transaction_figures(node, receipt, names) for receipt in receipts]
    return {
        "n_queries": params.n_queries,
        "security_bits_proven": security_table(params, shape).bits,
        "proof_bytes": len(proof),
        "opened_columns": air.n_base_columns,
        "gas_total": sum(receipt.gas_used for receipt in receipts),
        "largest_tx_gas": max(t["gas"] for t in transactions),
        "largest_tx_bytes": max(t["bytes"] for t in transactions),
        "largest_contract_bytes": max(len(a.runtime) for a in artifacts.all),
        "contract_bytes": {a.name: len(a.runtime) for a in artifacts.all},
        "deployment_gas": record.gas_used,
        "transactions": transactions,
    }


def print_figures(blowup: int, figures: dict[str, Any]) -> None:
    """One blow-up for a reader."""
    print(
        f"blow-up {blowup}: {figures['n_queries']} queries, {figures['security_bits_proven']:.1f} bits proven"
    )
    print(f"  {figures['gas_total']:>12,} gas in {len(figures['transactions'])} transactions")
    print(f"  {figures['proof_bytes']:>12,} bytes of proof, {figures['opened_columns']} base columns opened")
    for transaction in figures["transactions"]:
        print(f"  transaction: {transaction['gas']:,} gas, {transaction['bytes']:,} bytes")
        for name in ("calldata", "calldata_floor", "computation"):
            print(f"    {name:16} {transaction[name]:>10,}")
        for name, gas in transaction["by_contract"].items():
            print(f"      {name:14} {gas:>10,}")
    for name, size in figures["contract_bytes"].items():
        print(f"  {name:16} {size:>7,} bytes of code")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description="Gas of the Solidity verifier.")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--log-rows", type=int, default=16, help="log2 of the permutations proven")
    parser.add_argument("--log-blowups", type=int, nargs="+", default=[4, 5], help="log2 of the blow-ups")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as directory, running_anvil() as node:
        for log_blowup in options.log_blowups:
            record = DeploymentRecord.open(Path(directory) / f"{log_blowup}.json", node.chain_id)
            blowup = 1 << log_blowup
            results[f"blowup{blowup}"] = measure(options.log_rows, log_blowup, node, record)
            print_figures(blowup, results[f"blowup{blowup}"])
    cheapest = min(results.values(), key=lambda figures: figures["gas_total"])
    summary = {name: value for name, value in cheapest.items() if name != "transactions"}
    if options.json:
        print(json.dumps({**summary, "log_rows": options.log_rows, **results}))


if __name__ == "__main__":
    main()
