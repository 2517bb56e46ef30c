"""What is built: the spec in a build directory, held to the hash in its lock file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from l2forge.compile.manifest import LOCK_NAME
from l2forge.errors import InputError
from l2forge.spec.canonical import canonical_json
from l2forge.spec.models import Spec

SPEC_NAME = "spec.json"
REBUILD = "run `l2forge build` with the spec that the venue runs, or name another --built"


@dataclass(frozen=True)
class Built:
    """A build's spec and the inputs that its lock file names."""

    spec: Spec
    spec_hash: str
    generator: str
    templates: dict[str, str]


def read_built(directory: Path) -> Built:
    """The build in `directory`. Raises InputError where there is none, or one that was altered."""
    if not (directory / LOCK_NAME).is_file():
        raise InputError(f"there is no build at {directory}", remedy="run `l2forge build` first")
    lock = _read_json(directory / LOCK_NAME)
    tree = _read_json(directory / SPEC_NAME)
    try:
        spec = Spec.model_validate(tree)
        locked = str(lock["spec"]["hash"])
        generator, templates = str(lock["l2forge"]), dict(lock["templates"])
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{directory} is no build that this l2forge can read", remedy=REBUILD) from error
    if hashlib.sha256(canonical_json(spec).encode()).hexdigest() != locked:
        raise InputError(
            f"{directory / SPEC_NAME} is not the spec that {LOCK_NAME} names: one of them was altered",
            remedy=REBUILD,
        )
    return Built(spec, locked, generator, templates)


def _read_json(path: Path) -> Any:
    # not json.loads: its C stack overflows on deep nesting where a package raised Python's recursion limit
    try:
        return from_json(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing", remedy=REBUILD) from error
    except ValueError as error:
        raise InputError(f"{path} is not JSON", remedy=REBUILD) from error
