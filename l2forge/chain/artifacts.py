"""What the Solidity compiler returns, typed: contracts with code and interface, messages with a place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from l2forge.errors import InputError

MAX_RUNTIME_BYTES = 24_576  # EIP-170: a deployed contract's code
MAX_INITCODE_BYTES = 49_152  # EIP-3860: what creates it, constructor arguments included


@dataclass(frozen=True)
class Message:
    """An error, warning or note of the compiler. Lines and columns count from 1; 0 where it has no place."""

    severity: str
    file: str
    line: int
    column: int
    code: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.file else ""
        return f"{place}{self.severity}[{self.code}]: {self.text}"


class CompilationError(InputError):
    """The Solidity does not compile, or compiles to something that no chain accepts."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(map(str, self.messages)), remedy="")


@dataclass(frozen=True)
class Artifact:
    """One compiled contract.

    `immutables` are the byte ranges (start, length) of the runtime code that the constructor fills in: two
    deployments of the same contract agree everywhere else.
    """

    source: str
    name: str
    abi: tuple[Mapping[str, Any], ...]
    initcode: bytes
    runtime: bytes
    immutables: tuple[tuple[int, int], ...]

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Artifact:
        """The artefact that a build directory holds as `artifacts/NAME.json`.

        Errors: InputError if a key is absent or no hexadecimal text.
        """
        try:
            return cls(
                raw["source"],
                raw["contract"],
                tuple(raw["abi"]),
                bytes.fromhex(raw["initcode"].removeprefix("0x")),
                bytes.fromhex(raw["runtime"].removeprefix("0x")),
                tuple((start, length) for start, length in raw["immutables"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"this is no artefact: {error!r}", remedy="run `l2forge build` again") from error

    def matches(self, deployed: bytes) -> bool:
        """Whether `deployed` is this contract's runtime code, the immutables' values left open."""
        if len(deployed) != len(self.runtime):
            return False
        return _masked(deployed, self.immutables) == _masked(self.runtime, self.immutables)


def _masked(code: bytes, ranges: Iterable[tuple[int, int]]) -> bytes:
    out = bytearray(code)
    for start, length in ranges:
        out[start : start + length] = bytes(length)
    return bytes(out)


@dataclass(frozen=True)
class Compilation:
    """All contracts of the compiled sources, keyed by (source, name), and what the compiler had to say."""

    compiler: str
    input_hash: str
    contracts: Mapping[tuple[str, str], Artifact]
    warnings: tuple[Message, ...]

    def __getitem__(self, name: str) -> Artifact:
        """The contract called `name`. Errors: KeyError if there is none, or more than one."""
        found = [artifact for artifact in self.contracts.values() if artifact.name == name]
        if len(found) != 1:
            raise KeyError(f"{len(found)} contracts are called {name}")
        return found[0]


def read_answer(
    answer: Mapping[str, Any],
    sources: Mapping[str, str],
    roots: Collection[str],
    compiler: str,
    input_hash: str,
) -> Compilation:
    """The typed form of solc's standard-JSON answer to `sources`, of which `roots` were asked for.

    Warnings about other sources are left out: imported packages are pinned, and not ours to mend.

    Errors: CompilationError with every error of the compiler, every unlinked library and every contract
    beyond the size limits of EIP-170 and EIP-3860.
    """
    messages = [_message(raw, sources) for raw in answer.get("errors", ())]
    errors = [message for message in messages if message.severity == "error"]
    if errors:
        raise CompilationError(errors)
    warnings = tuple(message for message in messages if message.file in roots)
    contracts = {
        (source, name): _artifact(source, name, raw)
        for source, named in answer.get("contracts", {}).items()
        for name, raw in named.items()
    }
    if too_large := [problem for artifact in contracts.values() for problem in _size_errors(artifact)]:
        raise CompilationError(too_large)
    return Compilation(compiler, input_hash, contracts, warnings)


def _message(raw: Mapping[str, Any], sources: Mapping[str, str]) -> Message:
    location = raw.get("sourceLocation") or {}
    file = location.get("file", "")
    line, column = _position(sources.get(file, ""), location.get("start", -1))
    return Message(raw["severity"], file, line, column, raw.get("errorCode", raw["type"]), raw["message"])


def _position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of solc's byte offset into the UTF-8 text; (0, 0) if there is none."""
    if offset < 0:
        return 0, 0
    before = text.encode()[:offset].decode(errors="replace")
    return before.count("\n") + 1, offset_in_line(before) + 1


def offset_in_line(before: str) -> int:
    """How many characters follow the last line break."""
    return len(before) - (before.rfind("\n") + 1)


def _artifact(source: str, name: str, raw: Mapping[str, Any]) -> Artifact:
    evm = raw["evm"]
    for part in (evm["bytecode"], evm["deployedBytecode"]):
        if part.get("linkReferences"):
            libraries = sorted(library for named in part["linkReferences"].values() for library in named)
            text = f"{name} needs linking to {', '.join(libraries)}: make their functions internal"
            raise CompilationError([Message("error", source, 0, 0, "link", text)])
    ranges = [
        (reference["start"], reference["length"])
        for references in evm["deployedBytecode"].get("immutableReferences", {}).values()
        for reference in references
    ]
    return Artifact(
        source,
        name,
        tuple(raw["abi"]),
        bytes.fromhex(evm["bytecode"]["object"]),
        bytes.fromhex(evm["deployedBytecode"]["object"]),
        tuple(sorted(ranges)),
    )


def _size_errors(artifact: Artifact) -> Iterable[Message]:
    limits = (
        ("runtime code", len(artifact.runtime), MAX_RUNTIME_BYTES, "EIP-170"),
        ("initcode", len(artifact.initcode), MAX_INITCODE_BYTES, "EIP-3860"),
    )
    for what, size, limit, source in limits:
        if size > limit:
            text = f"{artifact.name}: {what} of {size} bytes, limit {limit} ({source}); split the contract"
            yield Message("error", artifact.source, 0, 0, "size", text)
