"""Everything that `l2forge check` finds: errors, and in a spec without errors the economic warnings."""

from __future__ import annotations

import os
from collections.abc import Iterable

from l2forge.spec.load import LoadedSpec, load_spec


def check_spec(path: str | os.PathLike[str]) -> LoadedSpec:
    """The spec in a file with all its findings."""
    loaded = load_spec(path)
    if loaded.spec is not None:
        from l2forge.spec.warnings import economic_warnings

        loaded.diagnostics = sorted([*loaded.diagnostics, *economic_warnings(loaded)])
    return loaded


def check_specs(paths: Iterable[str | os.PathLike[str]]) -> list[LoadedSpec]:
    """`check_spec` of each file, in the order given, each file once."""
    return [check_spec(path) for path in dict.fromkeys(paths)]
