"""The door: what needs no order of events to be refused, checked for many messages at once.

Format, bounds, chain id (it is in the digest), support, expiry, a used nonce, an unknown key, and the
signature. What depends on the messages before it is decided when the journal's records are applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from l2forge.ledger import schnorr
from l2forge.ledger.curve.sponge import hash_one
from l2forge.ledger.messages import Message, MessageError, attribute_elements, elements_of, parse
from l2forge.ledger.messages.codes import INVALID_NONCE, INVALID_SIGNATURE, INVALID_TX_INFO
from l2forge.venue import refusals
from l2forge.venue.records import SignedMessage
from l2forge.venue.state import VenueState
from l2forge.venue.translate import require_supported

DIGEST = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that lacks only the check of its signature."""

    message: SignedMessage
    account: int
    key_index: int
    key: tuple[int, ...]
    signature: bytes


def digest_of(message: Message, chain_id: int) -> tuple[int, ...]:
    """The five elements that are signed, by the compiled hash (the messages' own is the oracle)."""
    digest = hash_one(elements_of(message, chain_id), DIGEST)
    pairs = attribute_elements(message.attributes)
    if pairs is not None:
        digest = hash_one(digest + hash_one(pairs, DIGEST), DIGEST)
    return tuple(digest)


class Door:
    """The checks of one venue."""

    def __init__(self, state: VenueState) -> None:
        self._state = state

    def examine(self, tx_type: int, info: str, now_ms: int) -> Candidate:
        """Everything but the signature. Raises `MessageError`."""
        _require_encodable(info)
        message = parse(tx_type, info)
        require_supported(message, self._state.engine.config.self_trade)
        if message.values["ExpiredAt"] <= now_ms:
            raise MessageError(
                refusals.EXPIRY, "ExpiredAt", "the message has expired", remedy="check the clock, sign again"
            )
        account, index = message.account_index, message.api_key_index or 0
        key = self._state.registry.key(account, index)
        if (message.nonce or 0) <= key.last_nonce:
            raise MessageError(
                INVALID_NONCE,
                "Nonce",
                f"{message.nonce} was used",
                remedy=f"the next is {key.next_nonce}: ask nextNonce and sign again",
            )
        digest = digest_of(message, self._state.venue.chain_id)
        signed = SignedMessage(tx_type, digest, info)
        return Candidate(signed, account, index, key.public, message.signature or b"")

    def with_key_of_now(self, candidate: Candidate) -> Candidate:
        """The same with the key that the state has, should an L1 request have replaced it meanwhile."""
        key = self._state.registry.key(candidate.account, candidate.key_index).public
        return candidate if key == candidate.key else replace(candidate, key=key)


def _require_encodable(info: str) -> None:
    """Refuse half a surrogate pair, which a text may hold where nothing is signed, and no journal can."""
    try:
        info.encode()
    except UnicodeEncodeError:
        raise MessageError(
            INVALID_TX_INFO, "tx_info", "half of a surrogate pair is no character", remedy="send UTF-8"
        ) from None


def check_signatures(candidates: Sequence[Candidate]) -> list[MessageError | None]:
    """An error for each candidate whose signature is not its key's. Looks at no state."""
    if not candidates:
        return []
    valid = schnorr.verify_batch(
        np.array([each.key for each in candidates], np.uint64),
        np.array([each.message.digest for each in candidates], np.uint64),
        np.frombuffer(b"".join(each.signature for each in candidates), np.uint8).reshape(
            len(candidates), schnorr.SIGNATURE_BYTES
        ),
    )
    error = MessageError(
        INVALID_SIGNATURE,
        "Sig",
        "the key did not sign this",
        remedy="check private key, account, key index and chain id",
    )
    return [None if good else error for good in valid]
