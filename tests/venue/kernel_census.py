"""Prints the kernels that a venue and its prover use beyond those that `l2forge build` has warmed, as JSON.

Run in a process of its own, where nothing else has used a kernel. What is used is loaded, from the cache or
compiled, so a warm cache hides nothing. With the argument `cold` nothing is warmed, and all of it is printed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import httpx
from numba.core.dispatcher import Dispatcher

from l2forge.ledger.messages import table
from l2forge.ledger.proving import Setup
from l2forge.ledger.warm import warm_ledger
from l2forge.spec.load import load_spec
from l2forge.venue.keeper import Keeper
from l2forge.venue.kernels import on_compiling, warm_venue
from l2forge.venue.operations import Operation
from l2forge.venue.proving import BatchProver
from l2forge.venue.reporter import open_reporters
from tests.venue.running import Running, running
from tests.venue.test_api import PAGES, get, send, token_of
from tests.venue.trading import NOW, PRESET, Trader, order_book_spec


def loaded() -> set[str]:
    """Every kernel with the types that it was used with so far."""
    modules = [module for name, module in sys.modules.items() if name.startswith("l2forge")]
    kernels = {each for module in modules for each in vars(module).values() if isinstance(each, Dispatcher)}
    return {
        f"{kernel.py_func.__module__}.{kernel.py_func.__qualname__}{signature}"
        for kernel in kernels
        for signature in kernel.signatures
    }


async def trade(venue: Running, directory: Path) -> list[Operation]:
    """Prices, orders that meet, a cancel, pages, keeper's work; the operations of the batch."""
    maker, taker = Trader(1), Trader(2)
    reporters = open_reporters(order_book_spec(), venue.sequencer, base=directory, start_ms=NOW)
    for _ in range(2):
        for reporter in reporters:
            await reporter.look()
    await venue.fund([maker, taker])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(venue.app), base_url="http://venue") as api:
        await send(api, maker.order(0, 1000, 600_000, ask=True, ClientOrderIndex=7))
        await send(api, taker.order(0, 400, 600_000, ask=False))
        await send(api, taker.order(0, 100, 600_000, ask=True, ReduceOnly=1))
        for path in PAGES:
            await api.get(path)
        await get(api, "/api/v1/account", by="index", value="2")
        await get(api, "/api/v1/accountActiveOrders", token_of(maker), account_index=1)
        await send(api, maker.sign(table.CANCEL_ORDER, MarketIndex=0, Index=7), table.CANCEL_ORDER)
    await Keeper(venue.sequencer).look()
    closed = await venue.sequencer.close_batch(remainder=True)
    return [operation for done in closed for batch in done.batches for operation in batch.operations]


def prove(setup: Setup, operations: list[Operation], directory: Path) -> None:
    """What the prover's process does with a batch, and the submitter's with its proof."""
    prover = BatchProver(load_spec(PRESET), directory, setup.air.hash.hex())
    proven, _ = prover.prove(1, operations, lambda number: [])
    prover.calldata(proven)


def main() -> None:
    """Print what was used beyond what was warmed, and what was compiled and not found in the cache."""
    compiled: list[str] = []
    with on_compiling(compiled.append):
        found = run("cold" in sys.argv)
    print(json.dumps({**found, "compiled": compiled}))


def run(cold: bool) -> dict[str, list[str]]:
    """Warm, unless it is to be cold; a day of trading; what was used."""
    setup = Setup.of(load_spec(PRESET))
    if not cold:
        warm_venue()
        warm_ledger(setup)
    warmed = loaded()
    with tempfile.TemporaryDirectory() as name:

        async def day() -> list[Operation]:
            async with running(Path(name)) as venue:
                return await trade(venue, Path(name))

        operations = asyncio.run(day())
        kinds = {operation["op"] for operation in operations}
        prove(setup, operations, Path(name) / "ledger")
    return {"operations": sorted(kinds), "more": sorted(loaded() - warmed)}


if __name__ == "__main__":
    main()
