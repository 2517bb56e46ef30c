"""Contracts as typed clients: calls, transactions with checked receipts, events; reverts decoded by name."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlparse

import requests
from eth_account.signers.local import LocalAccount
from eth_typing import HexStr
from web3 import HTTPProvider, Web3
from web3.exceptions import (
    ContractLogicError,
    TimeExhausted,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.logs import DISCARD
from web3.types import TxParams

from l2forge.chain.accounts import is_dev_address
from l2forge.chain.anvil import TX_GAS_LIMIT
from l2forge.chain.reverts import ContractReverted, Revert, decode_revert
from l2forge.errors import CheckFailed, EnvironmentFailure, InputError

RECEIPT_TIMEOUT_S = 120.0
GAS_MARGIN_PERCENT = 20  # on top of the estimate: a call may cost more in the block that it lands in


@dataclass(frozen=True)
class Receipt:
    """A transaction that succeeded. `raw` is the node's receipt (for `ContractClient.events`)."""

    tx_hash: str
    block_number: int
    gas_used: int
    contract_address: str | None
    raw: Mapping[str, Any]


LOOPBACK = ("127.0.0.1", "localhost", "::1")


def connect(url: str, *, timeout_s: float = 30.0) -> Web3:
    """A connection to an L1 node that has answered once. Errors: EnvironmentFailure."""
    session = requests.Session()
    if urlparse(url).hostname in LOOPBACK:  # without a look for proxies, which takes as long as a call
        session.trust_env = False
    w3 = Web3(HTTPProvider(url, request_kwargs={"timeout": timeout_s}, session=session))
    try:
        w3.eth.chain_id  # noqa: B018  (asks the node)
    except (requests.RequestException, Web3Exception, ValueError) as error:
        reason = type(error).__name__  # the message holds the URL, and the URL may hold a key: `from None`
        raise EnvironmentFailure(f"the L1 node does not answer ({reason})", remedy="check the URL") from None
    return w3


def is_local_chain(w3: Web3) -> bool:
    """Whether the node is a development node (by what it calls itself), where money is not real."""
    return w3.client_version.split("/")[0].lower() in ("anvil", "hardhatnetwork")


def require_own_key(w3: Web3, account: LocalAccount) -> None:
    """Refuse a development key anywhere but on a local chain. Errors: InputError."""
    if not is_local_chain(w3) and is_dev_address(account.address):
        raise InputError(
            f"{account.address} is a development key, known to everyone, and chain {w3.eth.chain_id} is real",
            remedy='use a key of your own: key = "env:NAME"',
        )


def send_transaction(
    w3: Web3, account: LocalAccount, transaction: Mapping[str, Any], *, gas: int | None = None
) -> str:
    """Sign and broadcast a transaction (`to`, `data`, `value`); its hash. Does not wait.

    The gas limit is the estimate plus a margin, at most EIP-7825's cap; the estimate of a call that reverts
    raises web3's ContractLogicError. Fees are EIP-1559: twice the base fee plus the node's priority fee.
    """
    nonce = next_nonce(w3, account)
    return broadcast(w3, signed_transaction(w3, account, transaction, nonce=nonce, gas=gas))


def next_nonce(w3: Web3, account: LocalAccount) -> int:
    """The nonce of the account's next transaction, those that wait to be mined counted."""
    return w3.eth.get_transaction_count(account.address, "pending")


def await_nothing_pending(w3: Web3, account: LocalAccount, *, timeout_s: float = RECEIPT_TIMEOUT_S) -> None:
    """Wait until no transaction of the account waits to be mined. Errors: EnvironmentFailure on timeout."""
    deadline = time.monotonic() + timeout_s
    while w3.eth.get_transaction_count(account.address, "latest") < next_nonce(w3, account):
        if time.monotonic() > deadline:
            raise EnvironmentFailure(
                f"transactions of {account.address} were not mined within {timeout_s:.0f} s",
                remedy="they may still be: run again",
            )
        time.sleep(0.05)


def signed_transaction(
    w3: Web3, account: LocalAccount, transaction: Mapping[str, Any], *, nonce: int, gas: int | None = None
) -> Any:
    """The signed form of a transaction: `.hash` and `.raw_transaction`; nothing is sent."""
    require_own_key(w3, account)
    body: dict[str, Any] = {"from": account.address, "value": 0, **transaction}
    limit = gas or min(
        TX_GAS_LIMIT, w3.eth.estimate_gas(cast(TxParams, body)) * (100 + GAS_MARGIN_PERCENT) // 100
    )
    tip = w3.eth.max_priority_fee
    base = w3.eth.get_block("latest").get("baseFeePerGas", 0)
    return account.sign_transaction(
        {
            **body,
            "type": 2,
            "chainId": w3.eth.chain_id,
            "nonce": nonce,
            "gas": limit,
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": 2 * base + tip,
        }
    )


def broadcast(w3: Web3, signed: Any) -> str:
    """Hand a signed transaction to the node; its hash. Errors: CheckFailed with the node's reason."""
    try:
        return "0x" + w3.eth.send_raw_transaction(signed.raw_transaction).hex()
    except Web3RPCError as error:
        raise CheckFailed(f"the node refused the transaction: {error.message}") from error


def await_receipt(w3: Web3, tx_hash: str, *, timeout_s: float = RECEIPT_TIMEOUT_S) -> Receipt:
    """The receipt of a transaction that was mined and succeeded.

    Errors: CheckFailed if it failed (with gas used, to tell "out of gas"), EnvironmentFailure on timeout.
    """
    try:
        raw = w3.eth.wait_for_transaction_receipt(HexStr(tx_hash), timeout=timeout_s, poll_latency=0.02)
    except TimeExhausted as error:
        raise EnvironmentFailure(
            f"transaction {tx_hash} was not mined within {timeout_s:.0f} s",
            remedy="it may still be: look again",
        ) from error
    receipt = Receipt(tx_hash, raw["blockNumber"], raw["gasUsed"], raw.get("contractAddress"), raw)
    if raw["status"] != 1:
        raise CheckFailed(f"transaction {tx_hash} failed in block {receipt.block_number}")
    return receipt


def revert_of(error: ContractLogicError, abi: Sequence[Mapping[str, Any]]) -> Revert:
    """web3's exception as a decoded revert."""
    data = error.data if isinstance(error.data, str) else (error.data or {}).get("data", "")
    digits = str(data).removeprefix("0x")
    try:
        return decode_revert(bytes.fromhex(digits), abi)
    except ValueError:  # some nodes answer with words instead of data
        return Revert("Error", {"message": str(error.message)}, b"")


class ContractClient:
    """A deployed contract: `call` reads, `send` writes and waits, `events` reads a receipt's log."""

    def __init__(
        self,
        w3: Web3,
        name: str,
        address: str,
        abi: Sequence[Mapping[str, Any]],
        *,
        account: LocalAccount | None = None,
    ) -> None:
        self.w3 = w3
        self.name = name
        self.address = Web3.to_checksum_address(address)
        self.abi = tuple(abi)
        self.account = account
        self._contract = w3.eth.contract(address=self.address, abi=list(abi))

    def as_account(self, account: LocalAccount) -> ContractClient:
        """The same contract, used by someone else."""
        return ContractClient(self.w3, self.name, self.address, self.abi, account=account)

    def encode(self, function: str, *arguments: Any) -> str:
        """The call data of `function(arguments)`, as 0x hex."""
        return str(self._contract.encode_abi(function, args=list(arguments)))

    def call(self, function: str, *arguments: Any, block: int | str = "latest") -> Any:
        """The value of a view function; several values come as a tuple. Errors: ContractReverted."""
        sender = {"from": self.account.address} if self.account else {}
        try:
            bound = self._contract.get_function_by_name(function)(*arguments)
            return bound.call(sender, block_identifier=block)
        except ContractLogicError as error:
            raise ContractReverted(self.name, function, revert_of(error, self.abi)) from error

    def send(self, function: str, *arguments: Any, value: int = 0, gas: int | None = None) -> Receipt:
        """Send a transaction and wait until it is mined.

        `gas` sets the limit and skips the estimate. Errors: ContractReverted, before anything is sent if the
        estimate already reverts; CheckFailed, EnvironmentFailure.
        """
        if self.account is None:
            raise InputError(
                f"{self.name}.{function} needs an account that signs", remedy="use as_account(…)"
            )
        transaction = {"to": self.address, "data": self.encode(function, *arguments), "value": value}
        try:
            tx_hash = send_transaction(self.w3, self.account, transaction, gas=gas)
        except ContractLogicError as error:
            raise ContractReverted(self.name, function, revert_of(error, self.abi)) from error
        try:
            return await_receipt(self.w3, tx_hash)
        except CheckFailed as failure:
            raise self._reason(function, transaction, tx_hash) or failure from failure

    def _reason(self, function: str, transaction: dict[str, Any], tx_hash: str) -> ContractReverted | None:
        """Why a mined transaction failed, by calling it again on the block that it failed in."""
        if self.account is None:
            return None
        try:
            mined = self.w3.eth.get_transaction(HexStr(tx_hash))
            again = {**transaction, "from": self.account.address, "gas": mined["gas"]}
            self.w3.eth.call(cast(TxParams, again), mined["blockNumber"])
        except ContractLogicError as error:
            return ContractReverted(self.name, function, revert_of(error, self.abi))
        except (Web3Exception, TransactionNotFound):
            return None
        return None

    def events(self, receipt: Receipt, event: str) -> list[Mapping[str, Any]]:
        """The arguments of every `event` that this contract emitted in the transaction, in order."""
        logs = self._contract.events[event]().process_receipt(receipt.raw, errors=DISCARD)
        return [dict(log["args"]) for log in logs if log["address"] == self.address]

    def logs(self, event: str, first_block: int, last_block: int) -> list[Mapping[str, Any]]:
        """The arguments of every `event` of this contract in blocks first_block … last_block, in order."""
        found = self._contract.events[event]().get_logs(from_block=first_block, to_block=last_block)
        return [dict(log["args"]) for log in found]
