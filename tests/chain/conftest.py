"""What the tests of the L1 side share: the installed tool chain, one local node, clean caches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web3 import Web3

from l2forge.chain.anvil import AnvilNode, running_anvil
from l2forge.chain.client import connect
from l2forge.chain.files import CACHE_VARIABLE
from l2forge.chain.toolchain import Toolchain, ensure_toolchain


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The tool chain of the user who runs the tests, installed if need be."""
    return ensure_toolchain()


@pytest.fixture(scope="session")
def node(toolchain: Toolchain) -> Iterator[AnvilNode]:
    """One local node for all tests of a session."""
    with running_anvil() as running:
        yield running


@pytest.fixture
def w3(node: AnvilNode) -> Iterator[Web3]:
    """A connection to the node, whose chain is put back after the test."""
    snapshot = node.rpc("evm_snapshot")
    yield connect(node.url)
    node.rpc("evm_revert", snapshot)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory of the test's own, not yet created."""
    cache = tmp_path / "cache"
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))
    return cache
