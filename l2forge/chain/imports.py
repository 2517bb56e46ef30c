"""The closed set of sources that a compilation reads: imports are followed here, never by the compiler.

What is hashed for the cache and for the lock file is then exactly what solc sees.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

# import "p"; | import "p" as x; | import * as x from "p"; | import {A, B} from "p";
_IMPORT = re.compile(r"""\bimport\b(?:[^;"']*\bfrom\b)?\s*["']([^"'\n]+)["']""")


def closed_sources(roots: Mapping[str, str], modules: Path) -> dict[str, str]:
    """`roots` (name → text) and everything that they import, from among themselves or from `modules`.

    A path such as "@openzeppelin/contracts/…" is looked up in `modules` (node_modules), "./x.sol" beside its
    importer. What is not found is left out: the compiler then names it, with the importing line.
    """
    found = dict(roots)
    pending = list(roots)
    while pending:
        importer = pending.pop()
        for path in _IMPORT.findall(found[importer]):
            name = resolve(importer, path)
            if name in found:
                continue
            text = _read_module(name, modules)
            if text is not None:
                found[name] = text
                pending.append(name)
    return dict(sorted(found.items()))


def resolve(importer: str, path: str) -> str:
    """The name of the source that `path` means inside `importer`: relative paths are normalised."""
    if path.startswith(("./", "../")):
        return posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))
    return path


def _read_module(name: str, modules: Path) -> str | None:
    """A source of an npm package; None if there is no such file. Never a file outside of `modules`."""
    file = modules / name
    if not name.startswith("@") or ".." in Path(name).parts or not file.is_file():
        return None
    return file.read_text(encoding="utf-8")
