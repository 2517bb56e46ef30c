"""Auth tokens: the public signer's and our own."""

from __future__ import annotations

import json

import pytest

from l2forge.ledger import schnorr
from l2forge.ledger.auth_token import InvalidToken, make_token, parse_token
from tests.ledger.signed_messages import VECTORS, limbs

TOKENS = json.loads((VECTORS / "auth_tokens.json").read_text())
SECRET = schnorr.secret_from_seed(bytes(32))


@pytest.mark.parametrize("vector", TOKENS)
def test_the_public_signers_tokens(vector: dict[str, str]) -> None:
    token, key = parse_token(vector["token"]), limbs(vector["public_key"])
    assert (token.account_index, token.api_key_index) == (424242, 7)
    assert token.is_valid(key, token.deadline_s) and not token.is_valid(key, token.deadline_s + 1)
    assert not token.is_valid(schnorr.public_key(SECRET), 0)


def test_own_tokens() -> None:
    text = make_token(SECRET, deadline_s=2_000_000_000, account_index=5, api_key_index=4)
    assert parse_token(text).is_valid(schnorr.public_key(SECRET), 1)
    later = "2000000001" + text[10:]
    assert not parse_token(later).is_valid(schnorr.public_key(SECRET), 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1:2:3",
        f"01:2:3:{'0' * 160}",
        f"1:2:255:{'0' * 160}",
        f"1:2:3:{'A' * 160}",
        f"1:2:3:{'0' * 160}\n",
    ],
)
def test_texts_that_are_no_token(text: str) -> None:
    with pytest.raises(InvalidToken):
        parse_token(text)
