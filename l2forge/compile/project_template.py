"""What the template of a venue's project needs besides text: the presets, and a venue.toml made from one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from jinja2 import Environment
from jinja2.ext import Extension
from tomlkit.exceptions import TOMLKitError

from l2forge.errors import InputError
from l2forge.spec.presets import preset_names, preset_path

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


class ProjectExtension(Extension):
    """The globals and filters that templates/project/copier.yml and its files use."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["preset_choices"] = preset_names
        environment.globals["name_objection"] = name_objection
        environment.filters["venue_toml"] = venue_toml
        environment.filters["risk_page"] = risk_page


def require_preset(name: str) -> Path:
    """The file of a preset, or InputError with the names that there are."""
    if name in preset_names():
        return preset_path(name)
    raise InputError(f'there is no preset "{name}"', remedy=f"choose one of {', '.join(preset_names())}")


def name_objection(name: str) -> str:
    """Why `name` is no venue's name; empty if it is one."""
    if NAME.fullmatch(name):
        return ""
    return "write up to 32 lower-case letters, digits and hyphens, beginning with a letter"


def name_from_directory(directory: Path) -> str:
    """A venue's name from a directory's: "My Venue" becomes "my-venue"; "venue" where nothing is left."""
    words = re.sub(r"[^a-z0-9]+", "-", directory.resolve().name.lower()).lstrip("-0123456789")
    return words[:32].rstrip("-") or "venue"


def venue_toml(preset: str, name: str, chain_id: int, settings: Mapping[str, str]) -> str:
    """The preset's text, comments and layout kept, with the venue's name, chain id and settings put in.

    Errors: InputError for a preset that does not exist, or a setting whose key path leads nowhere.
    """
    document = tomlkit.parse(require_preset(preset).read_text(encoding="utf-8"))
    put(document, "venue.name", name)
    put(document, "venue.chain_id", str(chain_id))
    for key, value in settings.items():
        put(document, key, value)
    return tomlkit.dumps(document)


def risk_page(venue_toml_text: str) -> str:
    """The risk page of a spec. Errors: SpecError with everything that is wrong in it."""
    from l2forge.compile.explain import explain_spec
    from l2forge.compile.explain.markdown import as_markdown
    from l2forge.spec.load import loads_spec

    return as_markdown(explain_spec(loads_spec(venue_toml_text, "venue.toml")))


def parse_value(text: str, replaced: Any = None) -> Any:
    """A setting's value: a whole number, boolean, string, array or table of TOML; anything else is text.

    So `5bps`, `2024` and `["cross"]` mean what they look like; a float is text, as specs write decimals, and
    what replaces a text is one (amounts are written in quotes).
    """
    try:
        value = tomlkit.parse(f"value = {text}")["value"]
    except TOMLKitError:
        return text
    is_text = isinstance(value, float) or (isinstance(replaced, str) and not isinstance(value, str))
    return text if is_text else value


def put(document: Any, key_path: str, text: str) -> None:
    """Set one value by its dotted key path ("markets.0.tick_size"); missing tables are made on the way."""
    keys = key_path.split(".")
    table = document
    for depth, key in enumerate(keys[:-1]):
        table = _step(table, key, ".".join(keys[: depth + 1]))
    if isinstance(table, list):
        _step(table, keys[-1], key_path)  # the element must exist
        table[int(keys[-1])] = parse_value(text, table[int(keys[-1])])
    elif isinstance(table, dict) and keys[-1]:
        table[keys[-1]] = parse_value(text, table.get(keys[-1]))
    else:
        raise InputError(f'"{key_path}" leads through a value that is not a table', remedy="check the key")


def _step(table: Any, key: str, path: str) -> Any:
    if isinstance(table, list):
        if key.isdecimal() and int(key) < len(table):
            return table[int(key)]
        raise InputError(f'"{path}": there is no such element', remedy=f"write a number below {len(table)}")
    if isinstance(table, dict) and key:
        return table[key] if key in table else table.setdefault(key, tomlkit.table())
    raise InputError(f'"{path}" leads through a value that is not a table', remedy="check the key")
