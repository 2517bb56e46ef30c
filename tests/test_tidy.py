"""The rules of style that a machine can hold. What it cannot, a reader must."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 80
MAX_PARAMETERS = 8


def tracked_files() -> list[Path]:
    """What belongs to the project: the files git knows, or would add."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = [ROOT / line for line in listing.splitlines()]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


FILES = tracked_files()
SOURCES = [path for path in FILES if path.suffix == ".py" and path.is_relative_to(ROOT / "l2forge")]


def name(path: Path) -> str:
    """The path as a test's id."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, methods and inner ones included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body without its docstring."""
    start = function.body[1 if ast.get_docstring(function) and len(function.body) > 1 else 0].lineno
    return (function.end_lineno or start) - start + 1


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_is_about_one_idea(path: Path) -> None:
    n_lines = len(path.read_text().splitlines())
    assert n_lines <= MAX_FILE_LINES, f"{n_lines} lines: split it by idea"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_functions_are_short_and_take_few_parameters(path: Path) -> None:
    for function in functions(path):
        arguments = function.args
        n_parameters = len(arguments.posonlyargs + arguments.args + arguments.kwonlyargs)
        assert body_lines(function) <= MAX_FUNCTION_LINES, f"{function.name} at line {function.lineno}"
        assert n_parameters <= MAX_PARAMETERS, f"{function.name} at line {function.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_everything_public_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            assert node.name.startswith("_") or ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_input_is_never_guarded_by_a_bare_except(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except at line {node.lineno}"


# Written in pieces, so that this file does not find itself.
OPEN_ENDS = re.compile(
    "TO" + "DO|FIX" + "ME|XX" + r"X\b|NotImplemented" + r"Error|mark\.(sk" + "ip|xf" + "ail)"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(ro" + "ot|ho" + "me|wo" + "rk|Us" + r"ers)/\w")
REGISTRIES = re.compile(
    r"registry\.npm" + r"js|py" + r"pi\.org|files\.python" + r"hosted|registry\.yar" + "n"
)


@pytest.mark.parametrize("path", [f for f in FILES if f.name != "LICENSE"], ids=name)
def test_no_open_ends_and_nothing_of_this_machine(path: Path) -> None:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return  # a golden or a vector in binary form
    for pattern in (OPEN_ENDS, MACHINE_PATHS, REGISTRIES):
        hit = pattern.search(text)
        assert hit is None, f"{hit[0]!r} at offset {hit.start()}"


def test_the_patterns_find_what_they_look_for() -> None:
    assert OPEN_ENDS.search("# TO" + "DO later")
    assert MACHINE_PATHS.search('open("/ho' + 'me/someone/x")')
    assert REGISTRIES.search('"resolved": "https://registry.' + "npmjs" + '.org/solc"')
