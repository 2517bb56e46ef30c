"""Deployment through web3 that can be interrupted anywhere and run again.

Each contract is entered in the record before its transaction is sent, with the address it will have. Run
again, a contract whose code is there is taken as it is; one that was sent is waited for; the rest is sent.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import HexStr
from web3 import Web3
from web3.exceptions import ContractLogicError, TransactionNotFound
from web3.types import Nonce
from web3.utils import get_create_address

from l2forge.chain.artifacts import MAX_INITCODE_BYTES, Artifact
from l2forge.chain.client import (
    ContractClient,
    await_receipt,
    broadcast,
    next_nonce,
    revert_of,
    signed_transaction,
)
from l2forge.chain.record import Deployed, DeploymentRecord
from l2forge.chain.reverts import ContractReverted
from l2forge.chain.toolchain import Report, silent
from l2forge.errors import CheckFailed, InputError


class Deployer:
    """Deploys artefacts from one account, into one record."""

    def __init__(
        self, w3: Web3, account: LocalAccount, record: DeploymentRecord, *, report: Report = silent
    ) -> None:
        self.w3 = w3
        self.account = account
        self.record = record
        self._report = report

    def deploy(self, label: str, artifact: Artifact, *arguments: Any) -> ContractClient:
        """The contract of `artifact` with these constructor arguments, deployed now or earlier.

        A contract under the same label with other code or arguments is deployed anew: the record then names
        the new one. Errors: ContractReverted (the constructor refused), CheckFailed, InputError.
        """
        initcode = self._initcode(artifact, arguments)
        digest = hashlib.sha256(initcode).hexdigest()
        entry = self.record.contracts.get(label)
        if entry is None or entry.initcode_sha256 != digest or not self._is_there(entry, artifact):
            entry = self._send(label, artifact, initcode, digest)
            if not artifact.matches(self._code(entry.address)):
                raise CheckFailed(f"{label}: the code at {entry.address} is not {artifact.name}")
            self._report(f"{label}: {artifact.name} at {entry.address}, {entry.gas_used:,} gas")
        elif entry.block is None and self._is_known(entry.tx_hash):
            self._confirm(label, entry)
        return ContractClient(self.w3, artifact.name, entry.address, artifact.abi, account=self.account)

    def _initcode(self, artifact: Artifact, arguments: tuple[Any, ...]) -> bytes:
        contract = self.w3.eth.contract(abi=list(artifact.abi), bytecode=artifact.initcode)
        try:
            data = str(contract.constructor(*arguments).data_in_transaction)
            initcode = bytes.fromhex(data.removeprefix("0x"))
        except TypeError as error:
            raise InputError(f"constructor of {artifact.name}: {error}") from error
        if len(initcode) > MAX_INITCODE_BYTES:
            raise CheckFailed(
                f"{artifact.name}: initcode of {len(initcode)} bytes, limit {MAX_INITCODE_BYTES} (EIP-3860)",
                remedy="split the contract, or pass fewer constructor arguments",
            )
        return initcode

    def _is_there(self, entry: Deployed, artifact: Artifact) -> bool:
        """Whether the recorded contract exists with its code, after waiting for what was already sent."""
        if entry.block is None and self._is_known(entry.tx_hash):
            with contextlib.suppress(CheckFailed):  # it was mined and failed: there is no code
                await_receipt(self.w3, entry.tx_hash)
        return artifact.matches(self._code(entry.address))

    def _is_known(self, tx_hash: str) -> bool:
        try:
            self.w3.eth.get_transaction(HexStr(tx_hash))
        except TransactionNotFound:
            return False
        return True

    def _send(self, label: str, artifact: Artifact, initcode: bytes, digest: str) -> Deployed:
        try:
            nonce = next_nonce(self.w3, self.account)
            signed = signed_transaction(self.w3, self.account, {"data": initcode}, nonce=nonce)
        except ContractLogicError as error:
            raise ContractReverted(artifact.name, "constructor", revert_of(error, artifact.abi)) from error
        address = get_create_address(self.account.address, Nonce(nonce))
        entry = Deployed(artifact.name, address, "0x" + signed.hash.hex(), digest)
        self.record.put(label, entry)
        broadcast(self.w3, signed)
        return self._confirm(label, entry)

    def _confirm(self, label: str, entry: Deployed) -> Deployed:
        """Wait for a sent deployment and complete its entry."""
        receipt = await_receipt(self.w3, entry.tx_hash)
        address = receipt.contract_address or entry.address
        confirmed = Deployed(
            entry.contract,
            address,
            entry.tx_hash,
            entry.initcode_sha256,
            receipt.block_number,
            receipt.gas_used,
        )
        self.record.put(label, confirmed)
        return confirmed

    def _code(self, address: str) -> bytes:
        return bytes(self.w3.eth.get_code(Web3.to_checksum_address(address)))
