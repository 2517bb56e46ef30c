"""Why a contract refused, in words: custom errors, Error(string) and Panic(uint256) decoded by an ABI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from l2forge.errors import CheckFailed

# Solidity documentation, "Panic via assert and Error via require".
_PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "no such enum value",
    0x31: "pop of an empty array",
    0x32: "index out of bounds",
    0x41: "out of memory",
    0x51: "call of an uninitialised function",
}
_STANDARD: tuple[Mapping[str, Any], ...] = (
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


@dataclass(frozen=True)
class Revert:
    """A decoded refusal: the error's name ("" if the ABI does not know it), its arguments, the raw bytes."""

    name: str
    arguments: Mapping[str, Any]
    data: bytes

    def __str__(self) -> str:
        if self.name == "Error":
            return str(self.arguments["message"])
        if self.name == "Panic":
            code = self.arguments["code"]
            return f"panic 0x{code:02x}: {_PANICS.get(code, 'unknown')}"
        if self.name:
            return f"{self.name}({', '.join(f'{key}={_shown(v)}' for key, v in self.arguments.items())})"
        return f"unknown error 0x{self.data.hex()}" if self.data else "no reason given"


def _shown(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


class ContractReverted(CheckFailed):
    """A contract refused a call; `revert` says with which error and arguments."""

    def __init__(self, contract: str, function: str, revert: Revert) -> None:
        self.revert = revert
        super().__init__(f"{contract}.{function} reverted: {revert}")


def decode_revert(data: bytes, abi: Iterable[Mapping[str, Any]]) -> Revert:
    """The error that `data` (selector, then ABI-encoded arguments) is, according to `abi`."""
    for entry in (*abi, *_STANDARD):
        if entry.get("type") != "error" or selector(entry) != data[:4]:
            continue
        inputs = entry["inputs"]
        try:
            values = decode([collapse_if_tuple(parameter) for parameter in inputs], data[4:])
        except DecodingError:
            break
        names = [parameter["name"] or f"arg{index}" for index, parameter in enumerate(inputs)]
        return Revert(entry["name"], dict(zip(names, values, strict=True)), data)
    return Revert("", {}, data)


def selector(entry: Mapping[str, Any]) -> bytes:
    """The first four bytes of keccak of the signature of a function or error of an ABI."""
    types = ",".join(collapse_if_tuple(parameter) for parameter in entry["inputs"])
    return keccak(text=f"{entry['name']}({types})")[:4]
