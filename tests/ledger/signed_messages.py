"""The messages that the public signer made (package lighter-sdk), as the tests read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent.parent / "vectors"
PATH = VECTORS / "signed_messages.json"
MESSAGES: list[dict[str, Any]] = json.loads(PATH.read_text())
"""240 messages of the types that a bot's session uses: 13 … 17 and 20."""

OTHER_PATH = VECTORS / "signed_messages_other_types.json"
OTHER_MESSAGES: list[dict[str, Any]] = json.loads(OTHER_PATH.read_text())
"""60 messages of all its types but binary options, every order type, every attribute; lighter-sdk 1.1.8."""


def limbs(text: str) -> tuple[int, ...]:
    """Five little-endian 64-bit words from their hex digits, with or without "0x"."""
    data = bytes.fromhex(text.removeprefix("0x"))
    return tuple(int.from_bytes(data[i : i + 8], "little") for i in range(0, 40, 8))


KEYS: dict[int, tuple[int, ...]] = {
    sum(limb << (64 * i) for i, limb in enumerate(limbs(m["secret_key"]))): limbs(m["public_key"])
    for m in MESSAGES
}
"""Public key by secret key."""
