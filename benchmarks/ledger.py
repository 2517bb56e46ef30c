"""The ledger's figures: signed trades proven a second, cells, columns, memory, witness, door check.

    python -m benchmarks.ledger [--json] [--trades 512] [--repeat 3] [--linear] [--memory]

The batch is that of `benchmarks.batches`: N fills between 2N distinct orders with 2N signatures of 128
accounts in two markets. Measured is from the list of operations to the proof, witness included, in a process
of its own and after a first proof (memory is faulted in, kernels are compiled). Every proof is verified. With
--linear the time without grinding is compared between 512 and 2,048 trades, of four times as many accounts;
with --memory the peak at 1,024
trades is measured. With --json the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.batches import N_ACCOUNTS

ROOT = Path(__file__).parent.parent
SETTLEMENT = 5
"""log2 of the blow-up whose gas `benchmarks.l1_gas` finds within its bound: 32."""
DEVELOPMENT = 3


def measure(log_blowup: int, n: int, repeat: int, n_accounts: int) -> dict[str, Any]:
    """Prove the batch of n trades of n_accounts accounts `repeat` times after a first time; medians."""
    from benchmarks.batches import Signer, opening, order_book_preset, trades
    from l2forge.ledger.ledger import Ledger
    from l2forge.ledger.proving import Setup, largest_log_height
    from l2forge.ledger.statement import batch_tables
    from l2forge.stark.layout import largest_shape
    from l2forge.stark.memory import keep_freed_memory
    from l2forge.stark.security import security_table

    keep_freed_memory()
    setup = Setup.of(order_book_preset(), log_blowup)
    signer = Signer(setup.rules.chain_id)
    opened = Ledger(setup.rules)
    opened.execute(opening(signer, n_accounts))
    operations = trades(signer, n, n_accounts)
    seconds, witness, checks, grinding, phases = [], [], [], [], []
    for k in range(repeat + 1):
        operations[0] = {**operations[0], "time": operations[0]["time"] + k}  # another batch, another nonce
        ledger = Ledger(setup.rules, opened.state.copy())
        began = time.perf_counter()
        batch = ledger.execute(operations)
        tables = batch_tables(setup.air, setup.rules, batch)
        filled = time.perf_counter()
        proven = setup.prove(batch, tables=tables)
        done = time.perf_counter()
        seconds.append(done - began)
        witness.append(filled - began)
        grinding.append(proven.phases["grinding"])
        phases.append(proven.phases)
        began = time.perf_counter()
        setup.verify(proven.public, proven.proof)
        checks.append(time.perf_counter() - began)
    traces = dict(zip((table.name for table in setup.air.tables), tables[0], strict=True))
    columns = {
        table.name: table.n_preprocessed + table.n_main + 3 * table.n_interaction
        for table in setup.air.tables
    }
    heights = {name: 0 if trace is None else trace.shape[1] for name, trace in traces.items()}
    cells = sum(columns[name] * heights[name] for name in columns)
    height = largest_log_height(setup.rules, order_book_preset().require().proof.max_operations)
    return {
        "trades": n,
        "trades_per_s": n / statistics.median(seconds[1:]),
        "seconds": statistics.median(seconds[1:]),
        "seconds_without_grinding": statistics.median(
            total - ground for total, ground in zip(seconds[1:], grinding[1:], strict=True)
        ),
        "witness_s": statistics.median(witness[1:]),
        "witness_share": statistics.median(w / s for w, s in zip(witness[1:], seconds[1:], strict=True)),
        "verifier_s": statistics.median(checks[1:]),
        "phase_s": {name: statistics.median(p[name] for p in phases[1:]) for name in phases[0]},
        "proof_bytes": len(proven.proof),
        "n_queries": setup.params.n_queries,
        "security_bits_proven": security_table(
            setup.params, largest_shape(setup.air, log_blowup, height)
        ).bits,
        "cells": cells,
        "cells_per_trade": cells / n,
        "columns": columns,
        "opened_columns": setup.air.n_base_columns,
        "rows": heights,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def door() -> float:
    """Signatures checked a second on one core, by the benchmark of signatures."""
    figures = run_json("benchmarks.signatures", ["--json"])
    return float(figures["signature_checks_per_s"])


def run_json(module: str, arguments: list[str]) -> dict[str, Any]:
    """Run a benchmark in a process of its own; the JSON of its last line."""
    command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
    finished = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return figures


def part(log_blowup: int, n: int, repeat: int, n_accounts: int = N_ACCOUNTS) -> dict[str, Any]:
    """`measure` in a process of its own."""
    numbers = [str(log_blowup), "--trades", str(n), "--repeat", str(repeat), "--accounts", str(n_accounts)]
    return run_json("benchmarks.ledger", ["--part", *numbers])


def measure_all(options: argparse.Namespace) -> dict[str, Any]:
    """All figures, under the keys that the README quotes."""
    development = part(DEVELOPMENT, options.trades, options.repeat)
    settlement = part(SETTLEMENT, options.trades, options.repeat)
    figures = {
        "signed_trades_per_s": development["trades_per_s"],
        "signed_trades_per_s_settlement": settlement["trades_per_s"],
        "security_bits_proven": min(development["security_bits_proven"], settlement["security_bits_proven"]),
        "signatures_proven_per_s": 2 * development["trades_per_s"],
        "cells_per_trade": development["cells_per_trade"],
        "opened_columns": development["opened_columns"],
        "columns": development["columns"],
        "witness_share": development["witness_share"],
        "development": development,
        "settlement": settlement,
        "signature_checks_per_s": door(),
    }
    if options.memory:
        figures["peak_mb_1024"] = part(DEVELOPMENT, 1_024, 1)["peak_mb"]
    if options.linear:
        large = part(DEVELOPMENT, 2_048, 1, 4 * N_ACCOUNTS)
        small = part(DEVELOPMENT, 512, options.repeat)
        for key, measure in (("linearity_512_to_2048", "trades"), ("linearity_per_cell", "cells")):
            of = [p["seconds_without_grinding"] / p[measure] for p in (large, small)]
            figures[key] = of[0] / of[1]
    return figures


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trades", type=int, default=512)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--linear", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--accounts", type=int, default=N_ACCOUNTS)
    parser.add_argument("--part", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(measure(options.part, options.trades, options.repeat, options.accounts)))
        return
    figures = measure_all(options)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:34} {value:,.2f}" if isinstance(value, float) else f"{name:34} {value}")


if __name__ == "__main__":
    main()
