"""The prover's figures: Poseidon2 permutations proven a second, phases, memory, sizes, start-up.

    python -m benchmarks.prover [--json] [--log-rows-8 17] [--log-rows-16 17] [--repeat 3] [--cold]

Each blow-up is measured in a process of its own, so that peak memory is its own, and in the state of a prover
that is at work: after a first proof, whose time is told apart (`first_proof_s`, it faults in its memory), and
with freed memory kept. Every proof is made at 100 bits proven (Johnson bound), 24 bits of grinding included,
of other inputs each time, since the work of grinding is geometrically distributed; the median counts. With
--json the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
BLOWUPS = {8: 3, 16: 4}
SECURITY_BITS = 100


def measure_blowup(log_blowup: int, log_rows: int, repeat: int) -> dict[str, Any]:
    """Prove 2^log_rows permutations `repeat` times after a first time; medians."""
    from examples.poseidon2_table import poseidon2_air, poseidon2_witness
    from l2forge.air.proving import AirArithmetic, verify
    from l2forge.air.warm import warm_kernels
    from l2forge.stark.layout import largest_shape
    from l2forge.stark.memory import keep_freed_memory
    from l2forge.stark.parallel import n_threads
    from l2forge.stark.prover import Prover
    from l2forge.stark.public import PublicValues
    from l2forge.stark.security import choose_parameters, security_table

    keep_freed_memory()
    warm_kernels()
    began = time.perf_counter()
    air = poseidon2_air()
    _ = air.tables[0].composition_program, air.tables[0].interaction_program
    new_air_ready_s = time.perf_counter() - began
    shape = largest_shape(air, log_blowup, log_rows)
    params = choose_parameters(shape, security_bits=SECURITY_BITS, log_blowup=log_blowup)
    prover = Prover(AirArithmetic(air), params)
    seconds, phases, checks, sizes, processor = [], [], [], [], []
    for seed in range(repeat + 1):
        traces, scalars, lists = poseidon2_witness(log_rows, seed=seed)
        public = PublicValues(scalars, tuple(lists))
        began, worked = time.perf_counter(), time.process_time()
        proof = prover.prove(traces, public)
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
        phases.append(proof.phases)
        began = time.perf_counter()
        verify(air, public, proof.data, params, security_bits=SECURITY_BITS)
        checks.append(time.perf_counter() - began)
        sizes.append(len(proof.data))
    first_proof_s = seconds.pop(0)
    phase_seconds = {name: statistics.median(p[name] for p in phases[1:]) for name in phases[0]}
    operations = air.tables[0].composition_program.n_operations * air.n_chunks << log_rows
    return {
        "permutations_per_s": (1 << log_rows) / statistics.median(seconds),
        "log_rows": log_rows,
        "n_queries": params.n_queries,
        "cpu_s": statistics.median(processor[1:]),
        "phase_s": phase_seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "security_bits_proven": security_table(params, shape).bits,
        "proof_bytes": statistics.median(sizes),
        "verifier_s": statistics.median(checks),
        "first_proof_s": first_proof_s,
        "new_air_ready_s": new_air_ready_s,
        "constraint_mops_per_s": operations / phase_seconds["constraints"] / n_threads() / 1e6,
    }


def in_own_process(arguments: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run this benchmark's part in a fresh process and read its JSON."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.prover", *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return result


def measure_cold() -> float:
    """Seconds to compile every kernel into an empty cache."""
    with tempfile.TemporaryDirectory(prefix="l2forge-cold-") as directory:
        result = in_own_process(["--part", "start"], {"NUMBA_CACHE_DIR": directory})
    return float(result["start_s"])


def measure_start() -> dict[str, Any]:
    """From the interpreter's start to a first small proof, verified."""
    began = time.perf_counter()
    from l2forge.air.warm import warm_kernels

    warm_kernels()
    return {"start_s": time.perf_counter() - began}


def measure_all(options: argparse.Namespace) -> dict[str, Any]:
    """All figures, under the keys that the README quotes."""
    figures: dict[str, Any] = {}
    rows = {8: options.log_rows_8, 16: options.log_rows_16}
    parts = {}
    for blowup, log_blowup in BLOWUPS.items():
        part = ["--part", str(log_blowup), "--log-rows", str(rows[blowup]), "--repeat", str(options.repeat)]
        parts[blowup] = in_own_process(part)
        figures[f"poseidon2_per_s_blowup{blowup}"] = parts[blowup]["permutations_per_s"]
        for name in ("log_rows", "cpu_s", "phase_s", "first_proof_s", "proof_bytes", "verifier_s"):
            figures[f"{name}_blowup{blowup}"] = parts[blowup][name]
    figures["peak_mb"] = max(part["peak_mb"] for part in parts.values())
    figures["security_bits_proven"] = min(part["security_bits_proven"] for part in parts.values())
    figures["verifier_s"] = max(part["verifier_s"] for part in parts.values())
    starts = [in_own_process(["--part", "start"])["start_s"] for _ in range(3)]
    figures["warm_start_s"] = statistics.median(starts)
    figures["new_air_ready_s"] = max(part["new_air_ready_s"] for part in parts.values())
    figures["constraint_mops_per_s"] = max(part["constraint_mops_per_s"] for part in parts.values())
    if options.cold:
        figures["cold_compile_s"] = measure_cold()
    return figures


def print_table(figures: dict[str, Any]) -> None:
    """The figures for a reader."""
    for name, value in figures.items():
        if isinstance(value, dict):
            total = sum(value.values())
            print(f"{name}:")
            for phase, seconds in value.items():
                print(f"    {phase:22} {seconds:8.3f} s  {100 * seconds / total:5.1f} %")
        else:
            print(f"{name:28} {value:,.2f}" if isinstance(value, float) else f"{name:28} {value:,}")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description="Measure the prover.")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--log-rows-8", type=int, default=17, help="log2 of the permutations at blow-up 8")
    parser.add_argument("--log-rows-16", type=int, default=17, help="log2 of the permutations at blow-up 16")
    parser.add_argument("--repeat", type=int, default=3, help="proofs for each blow-up")
    parser.add_argument("--cold", action="store_true", help="also compile all kernels into an empty cache")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--log-rows", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "start":
        print(json.dumps(measure_start()))
    elif options.part:
        print(json.dumps(measure_blowup(int(options.part), options.log_rows, options.repeat)))
    else:
        figures = measure_all(options)
        print_table(figures)
        if options.json:
            print(json.dumps(figures))


if __name__ == "__main__":
    main()
