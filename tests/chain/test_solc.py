"""The compiler: typed artefacts, errors with their place, limits of the chain, the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from l2forge.chain.artifacts import Artifact, CompilationError
from l2forge.chain.imports import closed_sources, resolve
from l2forge.chain.solc import (
    Settings,
    compile_files,
    compile_sources,
    compiler_version,
    installed_compiler_version,
)
from l2forge.chain.toolchain import Toolchain
from l2forge.errors import EnvironmentFailure, InputError

QUICK = Settings(via_ir=False)
PRAGMA = "// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.37;\n"
BOX = PRAGMA + (
    "contract Box {\n    uint256 public immutable SIZE;\n    constructor(uint256 size) { SIZE = size; }\n}\n"
)


def errors_of(sources: dict[str, str]) -> str:
    """What compiling `sources` is refused with."""
    with pytest.raises(CompilationError) as failure:
        compile_sources(sources, settings=QUICK)
    return str(failure.value)


def test_the_compiler_is_the_pinned_one() -> None:
    assert installed_compiler_version().startswith(f"{compiler_version()}+commit.")


def test_an_artefact_has_code_and_interface() -> None:
    box = compile_sources({"Box.sol": BOX}, settings=QUICK)["Box"]
    assert {entry.get("name", entry["type"]) for entry in box.abi} == {"SIZE", "constructor"}
    assert box.initcode.endswith(box.runtime)
    ((start, length),) = box.immutables
    assert length == 32
    filled = box.runtime[:start] + bytes(31) + b"\x07" + box.runtime[start + 32 :]
    assert box.matches(filled)
    assert not box.matches(filled[:-1])
    other = bytearray(filled)
    other[start - 1] ^= 1
    assert not box.matches(bytes(other))


def test_the_same_source_gives_the_same_bytes(empty_cache: Path, toolchain: Toolchain) -> None:
    (empty_cache / "toolchain").mkdir(parents=True)
    (empty_cache / "toolchain" / toolchain.root.name).symlink_to(toolchain.root)
    first = compile_sources({"Box.sol": BOX}, settings=QUICK)
    remembered = compile_sources({"Box.sol": BOX}, settings=QUICK)
    (entry,) = (empty_cache / "solc").iterdir()
    content = entry.read_bytes()
    entry.write_bytes(content[:-9] + b"corrupted")
    again = compile_sources({"Box.sol": BOX}, settings=QUICK)
    assert first == remembered == again
    assert entry.read_bytes() == content


def test_comments_do_not_change_the_code() -> None:
    commented = BOX.replace("contract", "// a comment\ncontract")
    codes = [compile_sources({"Box.sol": s}, settings=QUICK)["Box"].runtime for s in (BOX, commented)]
    assert codes[0] == codes[1]


def test_a_cache_that_cannot_be_written_costs_time_only(toolchain: Toolchain, empty_cache: Path) -> None:
    (empty_cache / "toolchain").mkdir(parents=True)
    (empty_cache / "toolchain" / toolchain.root.name).symlink_to(toolchain.root)
    (empty_cache / "solc").write_text("in the way")
    assert compile_sources({"Box.sol": BOX}, settings=QUICK)["Box"].runtime


def test_the_user_s_node_options_do_not_reach_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--require /nowhere/at/all.js")
    assert installed_compiler_version().startswith(compiler_version())


def test_errors_name_file_line_and_column() -> None:
    source = PRAGMA + "// çé: two bytes each\ncontract A {\n    uint256 x = unknown;\n}\n"
    assert errors_of({"src/A.sol": source}).startswith("src/A.sol:5:17: error[7576]: Undeclared identifier")


def test_all_errors_are_reported_and_warnings_kept() -> None:
    bad = PRAGMA + "contract A { uint8 x = 300; }\ncontract B { uint8 y = 300; }\n"
    assert errors_of({"A.sol": bad}).count("error[7407]") == 2
    odd = PRAGMA + "contract A { function f() public returns (uint256) { return 1; } }\n"
    (warning,) = compile_sources({"A.sol": odd}, settings=QUICK).warnings
    assert (warning.severity, warning.file, warning.line) == ("warning", "A.sol", 3)


@pytest.mark.parametrize(
    "path", ["./Missing.sol", "@nobody/nothing.sol", "/etc/passwd", "@x/../../../etc/passwd"]
)
def test_an_import_that_is_not_there_is_named_with_its_line(path: str) -> None:
    assert "A.sol:3:1: error[6275]" in errors_of({"A.sol": f'{PRAGMA}import "{path}";\ncontract A {{}}\n'})


def test_imports_are_followed_among_sources_and_packages(toolchain: Toolchain) -> None:
    roots = {
        "a/A.sol": 'import {B} from "../b/B.sol";\nimport "@openzeppelin/contracts/utils/Pausable.sol";',
        "b/B.sol": "contract B {}",
    }
    found = closed_sources(roots, toolchain.modules)
    assert set(found) == {
        *roots,
        "@openzeppelin/contracts/utils/Pausable.sol",
        "@openzeppelin/contracts/utils/Context.sol",
    }


@pytest.mark.parametrize(
    ("importer", "path", "name"),
    [
        ("a/A.sol", "./B.sol", "a/B.sol"),
        ("a/A.sol", "../b/B.sol", "b/B.sol"),
        ("a/A.sol", "@x/y.sol", "@x/y.sol"),
        ("@x/a/A.sol", "../b/B.sol", "@x/b/B.sol"),
    ],
)
def test_import_paths(importer: str, path: str, name: str) -> None:
    assert resolve(importer, path) == name


def blob(size: int) -> str:
    """A contract that returns `size` bytes that no optimiser shortens."""
    digits = "".join(f"{(i * 7919 + 1) % 251 + 1:02x}" for i in range(size))
    body = f'function f() external pure returns (bytes memory) {{ return hex"{digits}"; }}'
    return f"{PRAGMA}contract Big {{ {body} }}\n"


def test_a_contract_beyond_the_size_limit_is_refused() -> None:
    assert compile_sources({"Big.sol": blob(22_000)}, settings=QUICK)["Big"].runtime
    message = errors_of({"Big.sol": blob(25_000)})
    assert "Big: runtime code of" in message
    assert "limit 24576 (EIP-170)" in message


def test_a_contract_that_needs_linking_is_refused() -> None:
    source = PRAGMA + (
        "library L { function f() external pure returns (uint256) { return 1; } }\n"
        "contract A { function g() external pure returns (uint256) { return L.f(); } }\n"
    )
    assert "A needs linking to L" in errors_of({"A.sol": source})


def test_names_are_looked_up_and_ambiguity_is_an_error() -> None:
    both = compile_sources({"A.sol": BOX, "B.sol": BOX}, settings=QUICK)
    assert ("A.sol", "Box") in both.contracts
    with pytest.raises(KeyError, match="2 contracts"):
        both["Box"]
    with pytest.raises(KeyError, match="0 contracts"):
        both["Crate"]


def test_files_are_named_relative_to_their_base(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "Box.sol").write_text(BOX)
    found = compile_files([tmp_path / "src" / "Box.sol"], base=tmp_path, settings=QUICK)
    assert found["Box"].source == "src/Box.sol"


def test_an_unknown_evm_version_is_refused() -> None:
    with pytest.raises(CompilationError, match="Invalid EVM version"):
        compile_sources({"Box.sol": BOX}, settings=Settings(evm_version="atlantis"))


def test_a_compiler_that_crashes_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    crash = tmp_path / "compile.cjs"
    crash.write_text("console.error('out of memory'); process.exit(134)")
    monkeypatch.setattr("l2forge.chain.solc.NPM_PROJECT", tmp_path)
    with pytest.raises(EnvironmentFailure, match="status 134: out of memory"):
        installed_compiler_version()


def test_an_artefact_is_read_back_from_json() -> None:
    box = compile_sources({"Box.sol": BOX}, settings=QUICK)["Box"]
    raw = {
        "contract": box.name,
        "source": box.source,
        "abi": list(box.abi),
        "initcode": "0x" + box.initcode.hex(),
        "runtime": "0x" + box.runtime.hex(),
        "immutables": [list(span) for span in box.immutables],
    }
    assert Artifact.from_json(json.loads(json.dumps(raw))) == box
    for key in raw:
        with pytest.raises(InputError, match="no artefact"):
            Artifact.from_json({name: value for name, value in raw.items() if name != key})
    with pytest.raises(InputError, match="no artefact"):
        Artifact.from_json({**raw, "runtime": "0xzz"})
