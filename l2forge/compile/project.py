"""A venue's own repository, rendered by copier from templates/project and put in place whole.

The render is kept in .l2forge-template/pristine, for a later template is merged three ways: the project as it
was made, as it is now, and as the new template makes it from the same answers. (copier's own update needs the
template to be a git repository with tags, which a wheel is not.)
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from l2forge import __version__
from l2forge.compile.project_template import name_from_directory, name_objection, require_preset
from l2forge.compile.publish import fill_directory
from l2forge.errors import InputError
from l2forge.resources import resource_dir
from l2forge.spec.load import loads_spec

DEFAULT_PRESET: Final = "minimal"
KEPT: Final = ".l2forge-template"
# Chain ids below are those of public chains and of local nodes: no venue should collide with them by chance.
SMALLEST_CHAIN_ID: Final = 1_000_000
LARGEST_CHAIN_ID: Final = 2**32 - 1


@dataclass(frozen=True)
class ProjectRequest:
    """What a new project is made from. `settings` are values of the spec by dotted key, as text."""

    directory: Path
    preset: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    ask: bool = False


def create_project(request: ProjectRequest) -> str:
    """Render the project into a directory that is new or empty; returns the name of its venue.

    Errors: InputError for a directory with content, an unknown preset, a setting or source that does not fit,
    and a spec that would have errors (SpecError, with all of them).
    """
    _require_empty(request.directory)
    if request.preset is not None:
        require_preset(request.preset)
    requirement, wheel = requirement_for(request.source)
    answers: dict[str, Any] = {}

    def write(directory: Path) -> None:
        answers.update(_render(request, requirement, directory))
        if wheel is not None:
            (directory / "vendor").mkdir()
            shutil.copy(wheel, directory / "vendor" / wheel.name)
        loads_spec((directory / "venue.toml").read_text(encoding="utf-8"), "venue.toml").require()
        _keep_pristine(directory)

    fill_directory(request.directory.resolve(), write)
    return str(answers["name"])


def requirement_for(source: str) -> tuple[str, Path | None]:
    """The line of requirements.txt that installs l2forge from `source`, and the wheel to copy, if it is one.

    "": the user's index; a path to a wheel: a copy in the project; a URL of an index; a git URL ("git+…").
    """
    extra = "[node]"  # so that the project builds where there is no Node.js
    if not source:
        return f"l2forge{extra}=={__version__}", None
    if source.startswith("git+"):
        return f"l2forge{extra} @ {source}", None
    if source.startswith(("https://", "http://")):
        return f"--index-url {source}\nl2forge{extra}=={__version__}", None
    wheel = Path(source)
    if wheel.suffix == ".whl" and wheel.is_file():
        return f"./vendor/{wheel.name}{extra}", wheel
    raise InputError(
        f'"{source}" is no wheel, no URL of an index and no git URL',
        remedy="write the path of a .whl file, https://… of an index, or git+https://…",
    )


def _require_empty(directory: Path) -> None:
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise InputError(f"{directory} exists and is no directory", remedy="name a new directory")
    if directory.is_dir() and any(directory.iterdir()):
        raise InputError(f"{directory} is not empty", remedy="name a new directory, or empty this one")


def _render(request: ProjectRequest, requirement: str, directory: Path) -> dict[str, Any]:
    """Render the template into `directory` and return the answers; ask questions only if `request.ask`."""
    from copier import run_copy
    from copier.errors import CopierError

    settings = dict(request.settings)
    name = settings.pop("venue.name", None)
    chain_id = settings.pop("venue.chain_id", None)
    data: dict[str, Any] = {
        "default_preset": DEFAULT_PRESET,
        "default_name": name_from_directory(request.directory),
        "chain_id": fresh_chain_id() if chain_id is None else _whole_number("venue.chain_id", chain_id),
        "settings": settings,
        "requirement": requirement,
        "l2forge_version": __version__,
    }
    if request.preset is not None:
        data["preset"] = request.preset
    if name is not None:
        if objection := name_objection(name):
            raise InputError(f'"{name}" is no venue\'s name', remedy=objection)
        data["name"] = name
    try:
        worker = run_copy(
            str(resource_dir("templates") / "project"),
            directory,
            data=data,
            defaults=not request.ask,
            overwrite=True,
            quiet=True,
            unsafe=True,  # the template is our own: it loads our own extension
        )
    except CopierError as error:
        raise InputError(f"the project could not be rendered: {error}") from error
    answers: dict[str, Any] = dict(worker.answers.combined)
    return answers


def _keep_pristine(directory: Path) -> None:
    """Copy the render, as it is now, into itself."""
    pristine = directory / KEPT / "pristine"
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    for path in files:
        relative = path.relative_to(directory)
        if relative.parts[0] not in (KEPT, "vendor"):
            (pristine / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, pristine / relative)


def fresh_chain_id() -> int:
    """A random chain id: two venues that share one could take each other's signed messages."""
    return SMALLEST_CHAIN_ID + secrets.randbelow(LARGEST_CHAIN_ID + 1 - SMALLEST_CHAIN_ID)


def _whole_number(key: str, text: str) -> int:
    if not text.isdecimal():
        raise InputError(f'{key}: "{text}" is not a whole number', remedy="write digits")
    return int(text)
