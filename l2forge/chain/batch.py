"""A batch as L1 sees it: requests, public values, and the state that they prove (docs/machine.md).

Everything is field elements of 8 bytes big-endian: a root is four of them, so 32 bytes; an owner is an
address in limbs of 56, 56 and 48 bits, lowest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from l2forge.errors import InputError
from l2forge.stark.field import P
from l2forge.stark.public import PublicValues, elements_to_bytes

SCALARS: Final = tuple(f"{side}_root{k}" for side in ("old", "new") for k in range(4))
"""The public scalars of a batch, in order."""
LIST_WIDTHS: Final = {"requests": 12, "payouts": 6, "leaves": 9}
"""The public lists of a batch, in the order in which Venue.sol hashes them, with their tuples' widths."""
VENUE_BLOCK: Final = 5 << 60
"""Address of the venue's block among the leaves."""
KEY_LIMBS: Final = 5
MIN_KEY_INDEX: Final = 4
MAX_KEY_INDEX: Final = 254
NO_KEY: Final = (0,) * KEY_LIMBS
OWNER_BITS: Final = (56, 56, 48)


class RequestKind(IntEnum):
    """What an L1 request asks for."""

    DEPOSIT = 1
    KEY = 2
    WITHDRAWAL = 3
    FUND = 4


def owner_limbs(owner: str) -> tuple[int, int, int]:
    """An L1 address as three field elements."""
    value = int(owner, 16)
    low, middle, _ = OWNER_BITS
    return value & ((1 << low) - 1), (value >> low) & ((1 << middle) - 1), value >> (low + middle)


@dataclass(frozen=True)
class Request:
    """One entry of the queue. `value`: units, or a key's index; `key`: its limbs, else zeros."""

    number: int
    kind: RequestKind
    account: int
    owner: str
    value: int
    key: tuple[int, ...] = NO_KEY

    @property
    def tuple(self) -> tuple[int, ...]:
        """The entry of the public list `requests`."""
        owner = owner_limbs(self.owner)
        return (self.number, int(self.kind), self.account, *owner, self.value, *self.key)


@dataclass(frozen=True)
class ProvenState:
    """The venue's block: what a proven state says of itself. The fee pool may be negative (p − |v|)."""

    time_ms: int = 0
    consumed: int = 0
    insurance_units: int = 0
    fee_pool_units: int = 0
    deposits_units: int = 0
    withdrawals_units: int = 0
    batches: int = 0

    @property
    def leaf(self) -> tuple[int, ...]:
        """The entry of the public list `leaves`."""
        words = (self.time_ms, self.consumed, self.insurance_units, self.fee_pool_units)
        sums = (self.deposits_units, self.withdrawals_units, self.batches, 0)
        return (VENUE_BLOCK, *(word % P for word in words), *sums)

    @classmethod
    def of(cls, words: Sequence[int]) -> ProvenState:
        """From the block's words, or from what Venue.sol returns."""
        time_ms, consumed, insurance, fee_pool, deposits, withdrawals, batches = map(int, words[:7])
        signed = fee_pool - P if fee_pool > P // 2 else fee_pool
        return cls(time_ms, consumed, insurance, signed, deposits, withdrawals, batches)


@dataclass(frozen=True)
class BatchCalldata:
    """The public values as Venue.settle takes them."""

    old_root: bytes
    new_root: bytes
    requests: bytes
    payouts: bytes
    leaves: bytes

    @classmethod
    def of(cls, public: PublicValues) -> BatchCalldata:
        """Errors: InputError where the values are not those of a batch."""
        if len(public.scalars) != len(SCALARS) or len(public.lists) != len(LIST_WIDTHS):
            raise InputError(
                f"a batch has {len(SCALARS)} scalars and {len(LIST_WIDTHS)} lists, "
                f"these are {len(public.scalars)} and {len(public.lists)}",
                remedy="settle the public values of the ledger's proof",
            )
        words = b"".join(scalar.to_bytes(8, "big") for scalar in public.scalars)
        return cls(words[:32], words[32:], *map(elements_to_bytes, public.lists))

    @property
    def arguments(self) -> tuple[bytes, ...]:
        """The fields in the contract's order."""
        return (self.old_root, self.new_root, self.requests, self.payouts, self.leaves)


def root_bytes(elements: Iterable[int]) -> bytes:
    """A root of four field elements as L1 holds it. Errors: InputError."""
    words = list(elements)
    if len(words) != 4 or not all(0 <= word < P for word in words):
        raise InputError(f"{words} is no root: four elements below p", remedy="pass the state tree's root")
    return b"".join(word.to_bytes(8, "big") for word in words)


def require_batch_shape(scalars: Sequence[str], lists: Sequence[tuple[str, int]]) -> None:
    """Whether an AIR's public values are those that Venue.sol hashes, in its order.

    Errors: InputError that says what differs.
    """
    expected = list(LIST_WIDTHS.items())
    if len(scalars) != len(SCALARS) or list(lists) != expected:
        raise InputError(
            f"the AIR publishes {len(scalars)} scalars and {list(lists)}; "
            f"the venue's contract settles {len(SCALARS)} scalars and {expected}",
            remedy="order the AIR's tables so that its lists come in this order",
        )
