"""Slither over Solidity sources: what it finds, less what is waived with a written reason.

A finding is waived where it is, by a comment that slither reads and that names the reason:

    // slither-disable-next-line DETECTOR (reason)

What holds for all contracts alike is waived in WAIVED. A comment that waives nothing is a finding itself.
Slither gets the syntax trees from the pinned compiler: a `solc` is put beside the sources that runs it.
OpenZeppelin's SafeERC20 calls tokens in assembly, which slither takes for no call at all: it would find no
reentrancy through a token. So it reads a SafeERC20 with plain calls instead.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from l2forge.chain.imports import closed_sources
from l2forge.chain.node import find_node
from l2forge.chain.solc import DEFAULT_SETTINGS
from l2forge.chain.toolchain import NPM_PROJECT, ensure_toolchain

SLITHER = "slither-analyzer==0.11.6"
TIMEOUT_S = 600
SAFE_ERC20 = "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol"
STALE = "unused-ignore-directive"

WAIVER = re.compile(r"// *slither-disable-(?:next-line|start)\b.*")
REASONED = re.compile(r"// slither-disable-(next-line|start) [a-z,-]+ \(\w.+\)")

WAIVED = {
    # Ours name one version. OpenZeppelin's name ranges that contain it, so slither counts several.
    "pragma": re.compile("different versions of Solidity"),
    # To who reads a contract, an immutable and a constant behind an interface are constants: in capitals.
    "naming-convention": re.compile(
        r"(Variable|Function) \w+\.[A-Z][A-Z0-9_]*(\(\))? .* is not in mixedCase"
    ),
}


def findings(python: Path, sources: Mapping[str, str], directory: Path) -> list[str]:
    """What slither, run by `python`, finds in `sources` (name → text) and no reason waives, one text each.

    Imported packages travel along and are analysed, for what ours make of them; what concerns nothing but a
    package is left out. (Slither's own path filter would leave out what concerns both.)
    """
    _write_project(sources, directory)
    report = directory / "report.json"
    arguments = ["input.json", "--compile-force-framework", "solc-json", "--solc", "./solc"]
    arguments += ["--solc-disable-warnings", "--warn-unused-ignores", "--fail-none", "--json", report.name]
    done = subprocess.run(
        [python, "-I", "-m", "slither", *arguments],
        cwd=directory,
        env={name: value for name, value in os.environ.items() if not name.startswith("NODE_")},
        stdin=subprocess.DEVNULL,  # what `solc --version` is given
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    answer = json.loads(report.read_text()) if report.exists() else {"success": False}
    assert answer["success"], f"slither did not finish:\n{done.stderr[-3000:]}"
    found = [_texts(raw, directory.resolve()) for raw in answer["results"].get("detectors", [])]
    return sorted(text for texts in found for text in texts)


def _write_project(sources: Mapping[str, str], directory: Path) -> None:
    """The sources with all that they import, a request for their syntax trees, a `solc` that answers it."""
    toolchain = ensure_toolchain()
    plain = Path(__file__).with_name("safe_erc20.sol").read_text()
    closed = closed_sources({**sources, SAFE_ERC20: plain}, toolchain.modules)
    for name, text in closed.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in closed.items()},
        "settings": {**DEFAULT_SETTINGS.as_json(), "outputSelection": {"*": {"": ["ast"]}}},
    }
    (directory / "input.json").write_text(json.dumps(request))
    solc = directory / "solc"
    command = [str(find_node().node), str(NPM_PROJECT / "compile.cjs"), str(toolchain.modules)]
    solc.write_text(f"#!/bin/sh\nexec {shlex.join(command)}\n")
    solc.chmod(0o755)


def _texts(raw: Mapping[str, Any], directory: Path) -> Iterator[str]:
    """A finding as text, if it is about ours and not waived; of stale waivers, one text each."""
    if raw["check"] == STALE:
        for stale in raw["unused_ignores"]:
            name = Path(stale["file"]).relative_to(directory).as_posix()
            if not _is_package(name):
                yield f"{STALE}: {name}#{stale['line']}: {', '.join(stale['unused_detectors'])}"
        return
    places = [element["source_mapping"]["filename_relative"] for element in raw["elements"]]
    general = WAIVED.get(raw["check"])
    if not all(map(_is_package, places)) and not (general and general.search(raw["description"])):
        yield f"{raw['check']} ({raw['impact']}): {raw['description'].strip()}"


def _is_package(name: str) -> bool:
    return name.startswith("@")


def unreasoned(text: str) -> list[str]:
    """The waivers in a source that give no reason."""
    return [waiver for waiver in WAIVER.findall(text) if not REASONED.fullmatch(waiver)]
