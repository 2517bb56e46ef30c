"""All programs of a spec, in the order of the program table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from l2forge.engine.config import EngineConfig
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.programs import batch, fills, funding, funds, oracle, orders


def programs(
    config: EngineConfig, chain_id: int, source_keys: Mapping[int, Sequence[Sequence[int]]]
) -> Iterator[Program]:
    """The programs of a venue: begin first, end last. `source_keys` are public keys by market and source."""
    markets = {market.id: market for market in config.markets}
    yield batch.begin()
    yield batch.clock()
    yield funds.deposit()
    yield funds.insure()
    yield funds.register()
    for attributes in (False, True):
        yield orders.order(chain_id, attributes)
        yield orders.cancel(chain_id, attributes)
        yield orders.cancel_all(chain_id, attributes)
        yield funds.withdraw(chain_id, markets, attributes)
        yield funds.transfer(chain_id, markets, attributes)
    yield funds.forced_withdraw(markets)
    yield funds.refuse_withdrawal(markets, at_twap=False)
    yield funds.refuse_withdrawal(markets, at_twap=True)
    for number, market in markets.items():
        yield oracle.report(chain_id, number, market, source_keys[number], config.capacity.log_price)
        yield oracle.first_tick(number, markets)
        yield oracle.tick(number, markets)
        yield funding.funding(number, markets)
        for variant in fills.VARIANTS:
            if not (variant.stale and market.oracle.halt_when_stale):
                yield fills.fill(number, markets, variant)
    yield batch.end()
