"""The exchange's auth tokens, "deadline:account:key index:signature", for reading what is private.

Signed is the hash of the text before the last colon: its bytes in words of eight, little-endian, zeros to
the end of the last. A deadline is in seconds since 1970. Source: elliottech/lighter-go, types/tx_request.go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.errors import InputError
from l2forge.ledger import schnorr
from l2forge.ledger.curve.sponge import hash_one
from l2forge.ledger.messages import limits
from l2forge.ledger.messages.fields import words

_FORM = re.compile(r"(0|[1-9]\d{0,14}):(0|[1-9]\d{0,14}):(0|[1-9]\d{0,2}):([0-9a-f]{160})", re.ASCII)
_DIGEST = 5


class InvalidToken(InputError):
    """A text that is no auth token."""


@dataclass(frozen=True, slots=True)
class AuthToken:
    """What a token says; whether its signature is valid is asked with `is_valid`."""

    deadline_s: int
    account_index: int
    api_key_index: int
    signature: bytes

    def is_valid(self, key: Sequence[int], now_s: int) -> bool:
        """Whether the key of that account and index made it, and its deadline is not over."""
        return now_s <= self.deadline_s and schnorr.verify(key, self._digest(), self.signature)

    def _digest(self) -> list[int]:
        return _digest(self.deadline_s, self.account_index, self.api_key_index)


def make_token(secret: int, *, deadline_s: int, account_index: int, api_key_index: int) -> str:
    """A token signed with the secret key."""
    signature = schnorr.sign(secret, _digest(deadline_s, account_index, api_key_index))
    return f"{deadline_s}:{account_index}:{api_key_index}:{signature.hex()}"


def parse_token(text: str) -> AuthToken:
    """The token in a text. Raises `InvalidToken`."""
    found = _FORM.fullmatch(text)
    if found is None or int(found[2]) > limits.MAX_ACCOUNT or int(found[3]) > limits.MAX_API_KEY:
        raise InvalidToken(
            "no auth token: it reads deadline:account:key:signature", remedy="make one with the client"
        )
    return AuthToken(int(found[1]), int(found[2]), int(found[3]), bytes.fromhex(found[4]))


def _digest(deadline_s: int, account_index: int, api_key_index: int) -> list[int]:
    text = f"{deadline_s}:{account_index}:{api_key_index}".encode("ascii")
    return hash_one(words(text + bytes(-len(text) % 8)), _DIGEST)
