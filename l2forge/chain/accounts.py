"""Keys: the well-known development keys, for a local chain only, and everybody else's from env: or file:."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from l2forge.errors import InputError

# The mnemonic that anvil and hardhat use when none is given: public, so its keys are worth nothing elsewhere.
DEV_MNEMONIC = "test test test test test test test test test test test junk"
MAX_DEV_INDEX = 9_999


@functools.cache
def dev_account(index: int) -> LocalAccount:
    """The key that specs call "dev:N": account N of the development mnemonic (BIP-44, m/44'/60'/0'/0/N).

    Errors: InputError outside of 0 … 9999.
    """
    if not 0 <= index <= MAX_DEV_INDEX:
        raise InputError(
            f"there is no development key dev:{index}", remedy=f"use dev:0 … dev:{MAX_DEV_INDEX}"
        )
    Account.enable_unaudited_hdwallet_features()
    account: LocalAccount = Account.from_mnemonic(DEV_MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    return account


def account_of(reference: str) -> LocalAccount:
    """The key that a spec refers to: "dev:N", "env:NAME" or "file:PATH" (a 32-byte key as hex).

    Errors: InputError, which never shows a part of the key.
    """
    kind, _, place = reference.partition(":")
    if kind == "dev" and re.fullmatch(r"\d{1,4}", place):
        return dev_account(int(place))
    if kind == "env":
        return _from_hex(os.environ.get(place, ""), f"environment variable {place}")
    if kind == "file":
        try:
            return _from_hex(Path(place).expanduser().read_text(encoding="ascii"), place)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"cannot read a key from {place}", remedy="one 0x… line of 64 hex digits"
            ) from error
    raise InputError(f"{reference!r} names no key", remedy='write "dev:N", "env:NAME" or "file:PATH"')


def _from_hex(text: str, place: str) -> LocalAccount:
    digits = text.strip().removeprefix("0x")
    problem = InputError(f"{place} holds no private key", remedy="it must hold 64 hex digits, 0x allowed")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digits):
        raise problem
    try:
        account: LocalAccount = Account.from_key("0x" + digits)
    except Exception:  # eth-keys has no common base for "zero" and "beyond the curve's order"
        raise problem from None
    return account


def is_dev_address(address: str) -> bool:
    """Whether a development key controls this address."""
    return any(dev_account(index).address.lower() == address.lower() for index in range(32))
