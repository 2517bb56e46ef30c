"""Imports go down the layers of the design, and nowhere else; imports inside functions count too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "l2forge"

# From the top to the bottom. A layer may import itself and what stands below it.
LAYERS = [
    "__main__",
    "cli",
    "compare",
    "launch",
    "venue",
    "compile",
    "chain",
    "ledger",
    "engine",
    "rules",
    "air",
    "stark",
    "spec",
    "errors",
    "units",
    "resources",
    "__init__",
]


def layer_of(module: str) -> str:
    """The layer of the dotted name `module`: its part after "l2forge"."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports_of(source: str, package: str) -> list[tuple[int, str]]:
    """(line, module) for every import of l2forge in `source`, which lies in the dotted `package`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            # `from l2forge import spec` names a layer, `from l2forge import __version__` does not
            names = [a.name for a in node.names] if base == "l2forge" else []
            found += [(node.lineno, f"{base}.{n}") for n in names if n in LAYERS]
            if not names or not all(n in LAYERS for n in names):
                found.append((node.lineno, base))
    return [(line, module) for line, module in found if module.split(".")[0] == "l2forge"]


def upward_imports(source: str, layer: str, package: str) -> list[tuple[int, str]]:
    """The imports in `source` that go up, or to a layer that the design does not know."""
    allowed = set(LAYERS[LAYERS.index(layer) :])
    return [(line, module) for line, module in imports_of(source, package) if layer_of(module) not in allowed]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE.parent))
)
def test_imports_go_down(path: Path) -> None:
    relative = path.relative_to(PACKAGE.parent).with_suffix("")
    layer = relative.parts[1]
    assert layer in LAYERS, f"{layer} is no layer of the design"
    wrong = upward_imports(path.read_text(), layer, ".".join(relative.parent.parts))
    assert not wrong, [f"line {line}: {layer} must not import {module}" for line, module in wrong]


@pytest.mark.parametrize(
    "source",
    [
        "import l2forge.cli.app",
        "from l2forge.compile import phases",
        "from l2forge import compile",
        "def f():\n    from l2forge.chain import solc",
        "from ..compile import phases",
        "from .. import chain",
        "import l2forge.unheard_of",
    ],
)
def test_an_import_that_goes_up_is_seen(source: str) -> None:
    assert upward_imports(source, "spec", "l2forge.spec")


@pytest.mark.parametrize(
    "source",
    ["from l2forge.errors import InputError", "from l2forge import __version__", "from . import models"],
)
def test_an_import_that_goes_down_is_allowed(source: str) -> None:
    assert not upward_imports(source, "spec", "l2forge.spec")
