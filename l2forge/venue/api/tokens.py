"""Who may read what is private: bearers of a token that a key of the account has signed."""

from __future__ import annotations

from l2forge.ledger.auth_token import InvalidToken, parse_token
from l2forge.ledger.messages import MessageError
from l2forge.venue import refusals
from l2forge.venue.registry import Registry

MAX_AHEAD_S = 8 * 3600 + 600
"""How far ahead a deadline may lie: the exchange's eight hours, and some for clocks."""


def check_token(text: str | None, account: int, registry: Registry, now_ms: int) -> None:
    """Whether a token lets its bearer read this account. Raises `MessageError` (invalid auth)."""
    if not text:
        raise _refuse("an auth token is needed", "sign one, and send it as the header Authorization")
    try:
        token = parse_token(text)
    except InvalidToken as error:
        raise _refuse(error.message, error.remedy) from None
    now_s = now_ms // 1000
    if token.account_index != account:
        raise _refuse("a token of another account", "sign one with this account's key")
    if not now_s <= token.deadline_s <= now_s + MAX_AHEAD_S:
        raise _refuse("the token's deadline is past, or too far ahead", "sign a new one")
    if not token.is_valid(registry.key(account, token.api_key_index).public, now_s):
        raise _refuse("the key did not sign this token", "sign it with the registered key")


def _refuse(reason: str, remedy: str) -> MessageError:
    return MessageError(refusals.NOT_AUTHORISED, "auth", reason, remedy=remedy)
