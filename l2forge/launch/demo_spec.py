"""The demo's own copy of a spec: what it changes, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tomlkit

from l2forge.chain.files import write_atomically
from l2forge.compile.project_template import put, require_preset
from l2forge.errors import InputError
from l2forge.launch.home import free_port, is_free
from l2forge.spec.load import load_spec
from l2forge.spec.text import UnreadableError, read_text


@dataclass(frozen=True)
class Change:
    """A value of the spec that the demo sets."""

    key: str
    value: str
    why: str


ASKED: Final = "asked for by --set"


def changes(source: Path, settings: Mapping[str, str]) -> list[Change]:
    """What the demo changes in a spec; the user's settings come after it, and win.

    Little is changed, since the contracts commit to the spec: what was compiled for it once is found again.
    """
    own = [
        *_other_port(source),
        Change("proof.max_interval", "20s", "a batch is closed after 20 s, so that nobody waits for it long"),
        Change("settlement.confirmations", "1", "the local chain never goes back"),
    ]
    kept = [change for change in own if change.key not in settings]
    return kept + [Change(key, value, ASKED) for key, value in settings.items()]


def _other_port(source: Path) -> list[Change]:
    """Another address where the spec's own is taken."""
    spec = load_spec(source).spec
    if spec is None:  # `up` says what is wrong with it
        return []
    host, _, port = spec.api.listen.rpartition(":")
    if is_free(host, int(port)):
        return []
    return [Change("api.listen", f"127.0.0.1:{free_port()}", f"something listens on {spec.api.listen}")]


def source_of(preset: str, spec: Path | None) -> Path:
    """The spec's file: a preset's, or the user's own. Errors: InputError."""
    return require_preset(preset) if spec is None else spec


def write_copy(source: Path, target: Path, changed: list[Change]) -> None:
    """Write the spec with the changes in it; comments and layout are kept. Errors: InputError."""
    try:
        document = tomlkit.parse(read_text(source))
    except (UnreadableError, tomlkit.exceptions.TOMLKitError) as error:
        raise InputError(f"{source} cannot be read: {error}", remedy="see `l2forge check`") from error
    for change in changed:
        put(document, change.key, change.value)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, tomlkit.dumps(document).encode())
