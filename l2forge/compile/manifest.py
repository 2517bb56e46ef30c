"""Phase manifest: l2forge.lock, which names every input and every output of a build by its hash.

    {"format": 1,
     "l2forge": version,
     "spec": {"name", "hash"},             hash: SHA-256 of the canonical spec after presets and defaults
     "compilers": {"solc": {…}},           version and settings
     "packages": {name: version},          of the pinned tool chain
     "templates": {file: sha256},
     "outputs": {path in build/: sha256}}

JSON with sorted keys, one per line: two locks differ, line by line, in what differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from l2forge import __version__

LOCK_NAME: Final = "l2forge.lock"
FORMAT: Final = 1


def lock_text(inputs: Mapping[str, Any], outputs: Mapping[str, bytes]) -> str:
    """The lock file of a build: `inputs` as they are, and the hash of every output."""
    lock = {
        **inputs,
        "format": FORMAT,
        "l2forge": __version__,
        "outputs": {path: hashlib.sha256(data).hexdigest() for path, data in outputs.items()},
    }
    return json.dumps(lock, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Comparison:
    """How a build directory differs from what a build makes now; paths are relative to it."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def lines(self) -> list[str]:
        """One line per difference; none if the directory is what a build makes."""
        return [
            *(f"changed: {path}" for path in self.changed),
            *(f"missing: {path}" for path in self.missing),
            *(f"extra: {path}" for path in self.extra),
        ]


def compare_directory(directory: Path, files: Mapping[str, bytes]) -> Comparison:
    """Compare the files under `directory` with `files` (path → content), byte by byte."""
    present = {
        path.relative_to(directory).as_posix(): path
        for path in sorted(directory.rglob("*"))
        if path.is_symlink() or not path.is_dir()
    }
    return Comparison(
        changed=tuple(
            path for path in sorted(files) if path in present and not _is(present[path], files[path])
        ),
        missing=tuple(path for path in sorted(files) if path not in present),
        extra=tuple(path for path in present if path not in files),
    )


def _is(path: Path, content: bytes) -> bool:
    """Whether a regular file has exactly this content; a link is never what a build made."""
    return not path.is_symlink() and path.is_file() and path.read_bytes() == content
