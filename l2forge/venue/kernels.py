"""Kernels of a venue's process: compiled before its event loop begins, and said to be when they are.

Compiled inside the loop, at the first report, order or page that needs one, they would stop the venue for as
long as LLVM takes: minutes for the engine. `l2forge build` calls `warm_venue`, so that no launch waits.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from numba.core import event

from l2forge.engine import Capacity, Engine, EngineConfig, batch, codes, command, order_flags
from l2forge.errors import EnvironmentFailure
from l2forge.ledger.curve.sponge import hash_one
from l2forge.ledger.schnorr import public_key, sign, verify
from l2forge.venue.door import DIGEST, Candidate, check_signatures
from l2forge.venue.events import changed_holding
from l2forge.venue.records import SignedMessage
from l2forge.venue.registry import Holding
from l2forge.venue.reporter import has_moved
from l2forge.venue.view import EngineView

SMALL = Capacity(accounts=4, orders=4, pages=8, log_price=18)
SECRET, PRICE, CASH = 1, 1_000, 10**6


def warm_venue() -> None:
    """Call each kernel that the venue's own code calls, with the types that it calls it with.

    With a warm cache this takes 0.3 s, which the process would need later. A test runs a venue and compares.
    """
    _warm_engine()
    _warm_door()
    has_moved(PRICE, [PRICE], 1)


@contextlib.contextmanager
def warming_apart() -> Iterator[None]:
    """Have `warm_venue` done by another process during the block, and wait for it at the block's end.

    LLVM keeps one core busy for minutes, and whoever builds a venue has other work for the next one.
    Errors: EnvironmentFailure if the process does not come to its end.
    """
    process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.DEVNULL)
    try:
        yield
        if process.wait():
            raise EnvironmentFailure(
                f"the venue's kernels were not compiled: status {process.returncode}",
                remedy="see what it said above",
            )
    finally:
        process.kill()
        process.wait()


def _warm_engine() -> None:
    """A trade between two accounts, and everything that is read of them."""
    engine = Engine(EngineConfig(capacity=SMALL))
    rows = [command(codes.DEPOSIT, 1, account=account, size=CASH) for account in (1, 2)]
    rows += [command(codes.ORACLE_REPORT, 1, price=PRICE, aux=1), command(codes.ORACLE_TICK, 1)]
    for account in (1, 2):
        side = {"account": account, "id": account, "flags": order_flags(ask=account == 2)}
        rows.append(command(codes.CREATE_ORDER, 1, price=PRICE, size=1, **side))
    assert not engine.apply(batch(rows)).results.any()
    engine.due(1)
    engine.digest()
    EngineView(engine).money(1)
    changed_holding(Holding(2, 2 * PRICE, 0), -1, -PRICE)


def _warm_door() -> None:
    """A signed message, checked as the door does, and as it is done with an auth token."""
    digest = tuple(hash_one([1], DIGEST))
    key, signature = public_key(SECRET), sign(SECRET, digest)
    check_signatures([Candidate(SignedMessage(0, digest, ""), 0, 0, key, signature)])
    verify(key, digest, signature)


class _Listener(event.Listener):
    def __init__(self, begins: Callable[[str], object]) -> None:
        self._begins = begins

    def on_start(self, event: Any) -> None:
        kernel = event.data["dispatcher"].py_func
        if not kernel.__module__.startswith("numba."):  # its own containers': in every process, in a moment
            self._begins(f"{kernel.__module__}.{kernel.__qualname__}")

    def on_end(self, event: Any) -> None:
        """Others may follow."""


@contextlib.contextmanager
def on_compiling(begins: Callable[[str], object]) -> Iterator[None]:
    """Have `begins` called with a kernel's name before it is compiled; one that the cache has is not."""
    with event.install_listener("numba:compile", _Listener(begins)):
        yield


@contextlib.contextmanager
def told_of_compiling(say: Callable[[str], object]) -> Iterator[None]:
    """Have `say` told, once, if kernels have to be compiled inside the block, before they are."""
    said: list[str] = []

    def begins(name: str) -> None:
        if not said:
            said.append(name)
            say("compiling kernels: this is done once on a machine, and takes minutes")

    with on_compiling(begins):
        yield


if __name__ == "__main__":
    warm_venue()
