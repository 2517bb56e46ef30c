"""The venue's contract as a client: requests, batches, claims, and what it knows of the proven state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.exceptions import BlockNotFound

from l2forge.chain.batch import (
    KEY_LIMBS,
    MAX_KEY_INDEX,
    MIN_KEY_INDEX,
    BatchCalldata,
    ProvenState,
    Request,
    RequestKind,
)
from l2forge.chain.client import ContractClient, Receipt
from l2forge.chain.proof_calldata import ProofCalldata
from l2forge.chain.stark_verifier import L1Verifier
from l2forge.errors import CheckFailed, InputError
from l2forge.stark.field import P
from l2forge.stark.public import PublicValues

LOG_RANGE = 2_000
"""Blocks asked for at a time: providers refuse wide ranges of logs."""


@dataclass(frozen=True)
class Queued:
    """A request that waits for a batch."""

    request: Request
    receipt: Receipt


@dataclass(frozen=True)
class Settled:
    """A batch that counts."""

    root: bytes
    state: ProvenState
    receipt: Receipt


@dataclass(frozen=True)
class Claimed:
    """Tokens that went to an owner."""

    owner: str
    units: int
    receipt: Receipt


@dataclass(frozen=True)
class Claimable:
    """What an owner may claim: `signed` within the limit per window, `forced` at once."""

    signed: int
    forced: int


@dataclass(frozen=True)
class Totals:
    """Sums of all money that came and went, in units."""

    deposited: int
    funded: int
    withdrawn: int
    unclaimed: int


@dataclass(frozen=True)
class ConfirmedRequests:
    """Requests of the blocks up to `next_block`, excluded: where reading goes on."""

    requests: tuple[Request, ...]
    next_block: int
    last_hash: bytes = b""
    """Of the block before `next_block`: while L1 has it, everything up to there is as it was read."""


class VenueClient:
    """A deployed venue, used by the account of `venue`."""

    def __init__(self, venue: ContractClient, token: ContractClient) -> None:
        self.venue = venue
        self.token = token

    def as_account(self, account: LocalAccount) -> VenueClient:
        """The same venue, used by someone else."""
        return VenueClient(self.venue.as_account(account), self.token.as_account(account))

    # What users send.

    def deposit(self, units: int, *, owner: str | None = None, sub: int = 0) -> Queued:
        """Move tokens into an account (of the sender, unless `owner` says another), which it opens if needed.

        Approves the amount first where the allowance is smaller. Errors: ContractReverted.
        """
        self._approve(units)
        return self._queued(self.venue.send("deposit", self._owner(owner), sub, units))

    def fund_insurance(self, units: int) -> Queued:
        """Move tokens into the insurance fund. Errors: ContractReverted."""
        self._approve(units)
        return self._queued(self.venue.send("fundInsurance", units))

    def register_key(self, index: int, key: Sequence[int], *, sub: int = 0) -> Queued:
        """Name a key (five limbs, lowest first) that signs for the sender's account.

        Errors: InputError for what the contract would refuse, ContractReverted.
        """
        if not MIN_KEY_INDEX <= index <= MAX_KEY_INDEX:
            raise InputError(f"{index} is no index of a key", remedy=f"use {MIN_KEY_INDEX} … {MAX_KEY_INDEX}")
        if len(key) != KEY_LIMBS or not all(0 <= limb < P for limb in key) or not any(key):
            raise InputError("this is no public key", remedy="pass five limbs below p, not all zero")
        return self._queued(self.venue.send("registerKey", sub, index, list(key)))

    def request_withdrawal(self, units: int, *, sub: int = 0) -> Queued:
        """Ask for money back without the operator's help. Errors: ContractReverted."""
        return self._queued(self.venue.send("requestWithdrawal", sub, units))

    def claim(self, owner: str | None = None) -> Claimed:
        """Have an owner (the sender, unless said) paid what is claimable. Errors: ContractReverted."""
        receipt = self.venue.send("claim", self._owner(owner))
        (event,) = self.venue.events(receipt, "Claimed")
        return Claimed(event["owner"], event["units"], receipt)

    def freeze(self) -> Receipt:
        """Freeze the venue for an overdue request. Errors: ContractReverted where none is overdue."""
        return self.venue.send("freeze")

    # What the operator sends.

    def settle(self, public: PublicValues) -> Settled:
        """Make the state of a proven batch the last proven one. Errors: ContractReverted, InputError."""
        receipt = self.venue.send("settle", BatchCalldata.of(public).arguments)
        (event,) = self.venue.events(receipt, "BatchSettled")
        return Settled(bytes(event["root"]), _state(event["state"]), receipt)

    def submit(self, verifier: L1Verifier, calldata: ProofCalldata, public: PublicValues) -> list[Receipt]:
        """Verify and settle, doing only what L1 does not have yet; run again after a kill, it goes on.

        Returns the receipts of what was sent; none when the batch was settled before. Errors:
        ProofRejected, ContractReverted.
        """
        batch = BatchCalldata.of(public)
        if self.root() == batch.new_root != batch.old_root:
            return []
        receipts = [] if verifier.is_proven(public) else verifier.verify(calldata)
        return [*receipts, self.settle(public).receipt]

    # What anyone reads.

    def root(self) -> bytes:
        """The root of the last proven state."""
        return bytes(self.venue.call("root"))

    def state(self) -> ProvenState:
        """The venue's block in the last proven state."""
        return ProvenState.of(self.venue.call("state"))

    def totals(self) -> Totals:
        """All money that came and went."""
        return Totals(*self.venue.call("totals"))

    def liabilities(self) -> int:
        """Units owed to accounts, insurance fund and fee pool."""
        return int(self.venue.call("liabilities"))

    def claimable(self, owner: str) -> Claimable:
        """What an owner may claim."""
        return Claimable(*self.venue.call("claims", self._owner(owner)))

    def account_of(self, owner: str, sub: int = 0) -> int:
        """The account of an owner's sub-account; 0 where none was opened."""
        return int(self.venue.call("accountOf", self._owner(owner), sub))

    def n_requests(self) -> int:
        """Requests so far: the number of the next one."""
        return int(self.venue.call("nRequests"))

    def is_frozen(self) -> bool:
        """Whether the venue is frozen."""
        return bool(self.venue.call("frozen"))

    def confirmed_requests(
        self, first_block: int, *, first_number: int, confirmations: int
    ) -> ConfirmedRequests:
        """The requests from `first_block` on that have `confirmations` blocks above theirs.

        `first_number`: the number that the first of them must have; a gap raises CheckFailed (a node that
        lost logs, or a reorganisation deeper than the confirmations: read again from an earlier block).
        """
        end = max(first_block, self.venue.w3.eth.block_number - confirmations + 1)
        last_hash = self.block_hash(end - 1)  # first: if L1 goes back meanwhile, the next look sees it
        requests = tuple(self._requests_between(first_block, end))
        for number, request in enumerate(requests, first_number):
            if request.number != number:
                raise CheckFailed(
                    f"request {request.number} stands where {number} was expected",
                    remedy="read the queue again from an earlier block",
                )
        return ConfirmedRequests(requests, end, last_hash)

    def block_hash(self, number: int) -> bytes:
        """The hash of a block; empty where L1 has none of this number."""
        try:
            return bytes(self.venue.w3.eth.get_block(number)["hash"]) if number >= 0 else b""
        except BlockNotFound:
            return b""

    def _requests_between(self, first_block: int, end_block: int) -> Iterator[Request]:
        for start in range(first_block, end_block, LOG_RANGE):
            last = min(start + LOG_RANGE, end_block) - 1
            for event in self.venue.logs("RequestQueued", start, last):
                yield _request(event)

    @property
    def _address(self) -> str:
        if self.venue.account is None:
            raise InputError("the venue's client has no account", remedy="use as_account(…)")
        return str(self.venue.account.address)

    def _owner(self, owner: str | None) -> str:
        """An address in the form that web3 takes; the client's own for None. Errors: InputError."""
        if owner is None:
            return self._address
        if not Web3.is_address(owner):
            raise InputError(f"{owner!r} is no address", remedy="write 0x and 40 hexadecimal digits")
        return str(Web3.to_checksum_address(owner))

    def _approve(self, units: int) -> None:
        if self.token.call("allowance", self._address, self.venue.address) < units:
            self.token.send("approve", self.venue.address, units)

    def _queued(self, receipt: Receipt) -> Queued:
        (event,) = self.venue.events(receipt, "RequestQueued")
        return Queued(_request(event), receipt)


def _request(event: Any) -> Request:
    return Request(
        event["number"],
        RequestKind(event["kind"]),
        event["account"],
        event["owner"],
        event["value"],
        tuple(event["key"]),
    )


def _state(event: Any) -> ProvenState:
    """The struct of an event: web3 gives a mapping, in the ABI's order, or a tuple."""
    return ProvenState.of(list(event.values()) if hasattr(event, "values") else event)
