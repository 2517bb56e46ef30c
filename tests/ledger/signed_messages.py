"""The messages that the public signer (package lighter-sdk) made, as the tests read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent.parent / "vectors" / "signed_messages.json"
MESSAGES: list[dict[str, Any]] = json.loads(PATH.read_text())


def limbs(text: str) -> tuple[int, ...]:
    """Five little-endian 64-bit words from their hex digits, with or without "0x"."""
    data = bytes.fromhex(text.removeprefix("0x"))
    return tuple(int.from_bytes(data[i : i + 8], "little") for i in range(0, 40, 8))


KEYS: dict[int, tuple[int, ...]] = {
    sum(limb << (64 * i) for i, limb in enumerate(limbs(m["secret_key"]))): limbs(m["public_key"])
    for m in MESSAGES
}
"""Public key by secret key."""
