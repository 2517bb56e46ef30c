"""Auth tokens: "deadline:account:key:signature", signed by the account's API key.

The text before the signature is hashed as its bytes in little-endian words of eight (the last one shorter),
rate 8, five outputs. Source: elliottech/lighter-go, client/tx_client.go (facts), checked against its signer.
"""

from __future__ import annotations

import re

from l2forge.ledger import schnorr
from l2forge.ledger.curve.sponge import hash_one
from l2forge.ledger.messages import MessageError
from l2forge.stark.field import P
from l2forge.venue import refusals
from l2forge.venue.registry import Registry

MAX_AHEAD_S = 8 * 3600 + 600
"""How far ahead a deadline may lie: the exchange's eight hours, and some for clocks."""
_TOKEN = re.compile(r"(\d{1,12}):(\d{1,15}):(\d{1,3}):([0-9a-fA-F]{160})", re.ASCII)
_WORD = 8


def token_digest(text: str) -> tuple[int, ...]:
    """The five elements that a token's signature signs."""
    data = text.encode("ascii")
    words = [int.from_bytes(data[at : at + _WORD], "little") for at in range(0, len(data), _WORD)]
    return tuple(hash_one([word % P for word in words], 5))


def check_token(token: str | None, account: int, registry: Registry, now_ms: int) -> None:
    """Whether a token lets its bearer read this account. Raises `MessageError` (invalid auth)."""
    if not token:
        raise _refuse("an auth token is needed", "sign one, and send it as the header Authorization")
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise _refuse("no auth token", "it has the form deadline:account:key:signature")
    deadline, signer, key_index = (int(found[i]) for i in (1, 2, 3))
    if signer != account:
        raise _refuse("a token of another account", "sign one with this account's key")
    if not 0 < deadline * 1000 - now_ms <= MAX_AHEAD_S * 1000:
        raise _refuse("the token's deadline is past, or too far ahead", "sign a new one")
    key = registry.key(account, key_index)
    text = token[: token.rindex(":")]
    if not schnorr.verify(key.public, token_digest(text), bytes.fromhex(found[4])):
        raise _refuse("the key did not sign this token", "sign it with the registered key")


def _refuse(reason: str, remedy: str) -> MessageError:
    return MessageError(refusals.NOT_AUTHORISED, "auth", reason, remedy=remedy)
