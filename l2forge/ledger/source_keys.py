"""The keys that sign price reports: what a spec's `signer` refers to."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from l2forge.errors import InputError
from l2forge.ledger.messages.fields import words
from l2forge.ledger.schnorr import public_key, secret_from_bytes, secret_from_seed
from l2forge.spec.models.parties import KeyedSigner, Named

_DEV_SEED = "l2forge/development signer/{}"


def dev_secret(number: int) -> int:
    """The secret of "dev:N": known to everyone, so worth something on a local chain only."""
    return secret_from_seed(hashlib.sha256(_DEV_SEED.format(number).encode()).digest())


def source_public_key(signer: Named | KeyedSigner) -> tuple[int, ...]:
    """The five words of the key that a source's reports must be signed with."""
    if signer.dev is not None:
        return public_key(dev_secret(signer.dev))
    return words(bytes.fromhex(str(signer.address).removeprefix("0x")))


def source_secret(signer: Named | KeyedSigner) -> int | None:
    """The secret, where the venue runs the source; None where somebody else does.

    Errors: InputError for a reference that leads to no secret, or to another key's; never shows any of it.
    """
    if signer.dev is not None:
        return dev_secret(signer.dev)
    if signer.key is None:
        return None
    kind, _, place = signer.key.partition(":")
    try:
        text = os.environ.get(place, "") if kind == "env" else Path(place).expanduser().read_text("ascii")
    except (OSError, UnicodeDecodeError):
        text = ""
    digits = text.strip().removeprefix("0x")
    if re.fullmatch(r"[0-9a-fA-F]{80}", digits) is None:
        raise InputError(
            f"{signer.key} holds no secret of a price source", remedy="it must hold 80 hex digits, 0x allowed"
        )
    secret = secret_from_bytes(bytes.fromhex(digits))
    if public_key(secret) != source_public_key(signer):
        raise InputError(f"{signer.key} holds the secret of another public key than the spec names")
    return secret
