"""The contracts of a preset are clean under slither, and every finding waived has a written reason."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from l2forge.compile.phases import VenueCompilation
from l2forge.compile.verifier import VerifierSources, render_verifier
from l2forge.resources import resource_dir
from tests.separate_python import python_with

from .published import MAX_LOG_HEIGHT, PARAMETERS, published_air
from .slither import SLITHER, STALE, findings, unreasoned

DEFECTS = Path(__file__).parent / "defects.sol"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def slither_python() -> Path:
    """The interpreter that has slither."""
    return python_with(SLITHER)


@cache
def venue() -> VenueCompilation:
    """The preset that runs."""
    return VenueCompilation(resource_dir("presets") / "order_book.toml")


@cache
def venue_verifier() -> VerifierSources:
    """Its verifier, as `build` renders it."""
    setup = venue().circuit
    assert setup is not None
    return render_verifier(
        setup.air, setup.params, spec_hash=setup.spec_hash, max_log_height=setup.max_log_height
    )


@cache
def small_verifier() -> VerifierSources:
    """The verifier of the small AIR, from the same templates."""
    return render_verifier(published_air(), PARAMETERS, max_log_height=MAX_LOG_HEIGHT)


def contracts() -> dict[str, str]:
    """All contracts of the venue but the evaluators and the row combiner, which are the small AIR's.

    The venue's own are thousands of lines of Yul in one function: slither takes minutes for each.
    """
    plain = {**small_verifier().evaluators, **small_verifier().rows}
    verifier = {f"verifier/{name}": text for name, text in venue_verifier().contracts.items()}
    return {**venue().sources, **verifier, **{f"small/{name}": text for name, text in plain.items()}}


def test_nothing_is_found_that_no_reason_waives(slither_python: Path, tmp_path: Path) -> None:
    found = findings(slither_python, contracts(), tmp_path)
    assert not found, "\n\n".join(["slither found:", *found])


def test_defects_are_found(slither_python: Path, tmp_path: Path) -> None:
    found = findings(slither_python, {DEFECTS.name: DEFECTS.read_text()}, tmp_path)
    checks = {text.split()[0].removesuffix(":") for text in found}
    assert {"reentrancy-no-eth", "unchecked-transfer", STALE} <= checks, found


def test_every_waiver_has_a_reason() -> None:
    waivers = {name: unreasoned(text) for name, text in contracts().items()}
    assert not {name: found for name, found in waivers.items() if found}


def test_a_waiver_without_a_reason_is_noticed() -> None:
    assert unreasoned(DEFECTS.read_text()) == ["// slither-disable-next-line assembly"]


# Neither storage nor logs, no call and no other code: there is nothing to find but wrong arithmetic, and that
# is compared with the Python evaluator at random points (tests/compile/test_verifier.py).
ARITHMETIC = {"add", "sub", "mul", "mod", "addmod", "mulmod"}
BITS = {"and", "or", "shl", "shr", "eq", "lt", "gt", "iszero"}
MEMORY = {"mload", "mstore", "calldataload", "calldatacopy", "calldatasize", "return", "revert"}


def called(text: str) -> set[str]:
    """What a contract's Yul calls, its own functions left out."""
    code = re.sub(r"//.*", "", text).partition("assembly {")[2]
    own = set(re.findall(r"function (\w+)\(", code))
    return set(re.findall(r"(\w+)\(", code)) - own


def test_what_slither_does_not_read_is_arithmetic() -> None:
    for name, text in {**venue_verifier().evaluators, **venue_verifier().rows}.items():
        assert called(text) <= ARITHMETIC | BITS | MEMORY, name
    assert called("assembly { sstore(0, mload(0)) }") == {"sstore", "mload"}
