"""A Merkle update is proven, verified in Python, and verified by generated contracts on a local chain.

    python -m examples.proof_on_chain.run

A line for each phase of the proof, then the contracts and what their verification costs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from examples.merkle_update import merkle_air, merkle_witness
from l2forge.air import CompiledAir
from l2forge.air.proving import prove, verify
from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import AnvilOptions, running_anvil
from l2forge.chain.client import connect
from l2forge.chain.deploy import Deployer
from l2forge.chain.proof_calldata import ProofCalldata, encode_proof
from l2forge.chain.record import DeploymentRecord
from l2forge.chain.stark_verifier import L1Verifier
from l2forge.compile.verifier import compile_verifier, render_verifier
from l2forge.stark.layout import largest_shape
from l2forge.stark.params import ProofParameters
from l2forge.stark.public import PublicValues
from l2forge.stark.security import choose_parameters, security_table

DEPTH = 32
MAX_LOG_HEIGHT = 12
CHAIN_ID = 31337


def prove_update(air: CompiledAir, params: ProofParameters) -> tuple[PublicValues, ProofCalldata]:
    """A random update in a tree of 2^DEPTH leaves, proven and verified, as the contract's calls."""
    traces, scalars, lists = merkle_witness(DEPTH)
    public = PublicValues(scalars, tuple(lists))
    proof = prove(
        air,
        traces,
        public,
        params,
        progress=lambda phase, seconds: print(f"    {phase:<22} {seconds:7.3f} s", flush=True),
    )
    checked = verify(air, public, proof.data, params)
    print(f"    {len(proof.data):,} bytes, accepted by the Python verifier")
    return public, encode_proof(checked, public, proof.data)


def verify_on_chain(
    air: CompiledAir, params: ProofParameters, public: PublicValues, calldata: ProofCalldata, record: Path
) -> None:
    """Generate, compile and deploy the verifier's contracts; send the proof."""
    artifacts = compile_verifier(render_verifier(air, params, max_log_height=MAX_LOG_HEIGHT))
    with running_anvil(AnvilOptions(chain_id=CHAIN_ID)) as node:
        account = dev_account(0)
        deployer = Deployer(connect(node.url), account, DeploymentRecord.open(record, node.chain_id))
        contract = L1Verifier.deploy(deployer, artifacts)
        sizes = ", ".join(f"{len(artifact.runtime):,}" for artifact in artifacts.all)
        print(f"    {len(artifacts.all)} contracts of {sizes} bytes on chain {node.chain_id}")
        for number, receipt in enumerate(contract.verify(calldata), 1):
            print(f"    transaction {number}: {receipt.gas_used:>10,} gas")
        if not contract.is_proven(public):
            raise SystemExit("the contract does not know the statement as proven")
        print("    the contract knows the statement as proven")


def main() -> None:
    """Prove, verify, verify on chain."""
    air = merkle_air()
    shape = largest_shape(air, 4, MAX_LOG_HEIGHT)
    params = choose_parameters(shape)
    bits = security_table(params, shape).bits
    print(f"    {params.n_queries} queries, {params.grinding_bits} bits of grinding: {bits:.1f} bits proven")
    public, calldata = prove_update(air, params)
    with tempfile.TemporaryDirectory(prefix="l2forge-proof-") as directory:
        verify_on_chain(air, params, public, calldata, Path(directory) / "deployment.json")


if __name__ == "__main__":
    main()
