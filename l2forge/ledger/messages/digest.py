"""The hash that a message's signature signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from l2forge.ledger.curve.sponge import hash_one
from l2forge.ledger.messages.attributes import attribute_elements
from l2forge.ledger.messages.codes import INVALID_TX_INFO, MessageError
from l2forge.ledger.messages.fields import describe
from l2forge.ledger.messages.limits import MAX_CHAIN_ID
from l2forge.ledger.messages.parse import Message, parse
from l2forge.stark.field import U64Array
from l2forge.stark.poseidon2 import hash_many

DIGEST = 5
"""Field elements of a message's hash."""


def elements_of(message: Message, chain_id: int) -> list[int]:
    """[chain_id, type, elements of each hashed field …]: what is hashed before the attributes come in."""
    if type(chain_id) is not int or not 0 <= chain_id <= MAX_CHAIN_ID:
        raise MessageError(
            INVALID_TX_INFO,
            "chain_id",
            f"{describe(chain_id)} is no chain id",
            remedy=f"use 0 … {MAX_CHAIN_ID}",
        )
    head = [chain_id, message.kind.number]
    return head + [e for f in message.kind.hashed for e in f.elements(message.values[f.name])]


def digest_of(message: Message, chain_id: int) -> tuple[int, ...]:
    """The five elements that are signed: h = H(elements), or H(h ‖ H(attributes)) when there are any."""
    digest = hash_one(elements_of(message, chain_id), DIGEST)
    pairs = attribute_elements(message.attributes)
    if pairs is not None:
        digest = hash_one(digest + hash_one(pairs, DIGEST), DIGEST)
    return tuple(digest)


def message_elements(tx_type: int, tx_info: Mapping[str, Any] | str, chain_id: int) -> list[int]:
    """`elements_of` for the message as a client writes it, signed or not. Raises `MessageError`."""
    return elements_of(parse(tx_type, tx_info, signed=False), chain_id)


def digest(tx_type: int, tx_info: Mapping[str, Any] | str, chain_id: int) -> tuple[int, ...]:
    """`digest_of` for the message as a client writes it, signed or not. Raises `MessageError`."""
    return digest_of(parse(tx_type, tx_info, signed=False), chain_id)


def digest_rows(elements: U64Array, attributes: U64Array) -> U64Array:
    """Hashes of n messages of one type at once: elements (n, k), attribute elements (n, 8) → (n, 5).

    A row of zeros stands for no attributes, which no other message has: a type of 0 is none.
    """
    plain = hash_many(elements.T, DIGEST)
    outer = hash_many(np.concatenate((plain, hash_many(attributes.T, DIGEST))), DIGEST)
    return np.ascontiguousarray(np.where(attributes.any(axis=1), outer, plain).T)
