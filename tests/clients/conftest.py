"""The exchange's client in an environment of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.separate_python import python_with

CLIENT = "lighter-sdk==1.1.8"


@pytest.fixture(scope="session")
def client_python() -> Path:
    """The interpreter that has the pinned client."""
    return python_with(CLIENT)
