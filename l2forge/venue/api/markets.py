"""Routes of markets: books, prices, trades, orders."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from l2forge.ledger.messages import MessageError
from l2forge.units import RATE_SCALE
from l2forge.venue import refusals
from l2forge.venue.api import shapes
from l2forge.venue.api.accounts import Token, authorise
from l2forge.venue.api.digits import Int64, is_number
from l2forge.venue.api.services import Services, services_of
from l2forge.venue.markets import Listed
from l2forge.venue.translate import COLLATERAL_ASSET

router = APIRouter(prefix="/api/v1", tags=["order"])

ALL_MARKETS = 255
DAY_MS = 86_400_000

Venue = Annotated[Services, Depends(services_of)]
Limit = Annotated[int, Query(ge=1, le=250)]


def _wanted(venue: Services, market_id: int) -> list[Listed]:
    markets = venue.sequencer.state.markets
    return list(markets.by_id.values()) if market_id == ALL_MARKETS else [markets[market_id]]


@router.get("/orderBooks")
async def order_books(venue: Venue, market_id: Int64 = ALL_MARKETS, filter: str = "all") -> shapes.OrderBooks:
    """The markets' terms."""
    wanted = [] if filter == "spot" else _wanted(venue, market_id)
    return shapes.OrderBooks(order_books=[venue.present.order_book(listed) for listed in wanted])


@router.get("/orderBookDetails")
async def order_book_details(
    venue: Venue, market_id: Int64 = ALL_MARKETS, filter: str = "all"
) -> shapes.OrderBookDetails:
    """The markets' terms, prices, and last day."""
    wanted = [] if filter == "spot" else _wanted(venue, market_id)
    since = venue.sequencer.now_ms - DAY_MS
    days = [await venue.ask_history(venue.history.day, listed.id, since) for listed in wanted]
    return shapes.OrderBookDetails(
        order_book_details=[
            venue.present.order_book_detail(listed, day) for listed, day in zip(wanted, days, strict=True)
        ]
    )


@router.get("/orderBookOrders")
async def order_book_orders(venue: Venue, market_id: Int64, limit: Limit) -> shapes.OrderBookOrders:
    """Resting orders, best first."""
    market = venue.sequencer.state.markets[market_id].id
    asks = venue.present.resting(market, is_ask=True)
    bids = venue.present.resting(market, is_ask=False)
    return shapes.OrderBookOrders(
        total_asks=len(asks),
        asks=[venue.present.simple_order(order) for order in asks[:limit]],
        total_bids=len(bids),
        bids=[venue.present.simple_order(order) for order in bids[:limit]],
    )


@router.get("/recentTrades")
async def recent_trades(venue: Venue, market_id: Int64, limit: Limit) -> shapes.Trades:
    """A market's trades, newest first."""
    market = venue.sequencer.state.markets[market_id].id
    rows = await venue.ask_history(venue.history.trades, market=market, limit=limit)
    return shapes.Trades(trades=[venue.present.trade(row._mapping) for row in rows])


@router.get("/trades")
async def trades(
    venue: Venue,
    limit: Limit,
    sort_by: str = "trade_id",
    market_id: Int64 = ALL_MARKETS,
    account_index: Int64 = -1,
    order_index: Int64 = 0,
    cursor: str = "",
    token: Token = None,
) -> shapes.Trades:
    """Trades, newest first; an account's need a token of it."""
    account = None if account_index < 0 else account_index
    if account is not None:
        authorise(venue, account, token)
    query: dict[str, Any] = {
        "market": None if market_id == ALL_MARKETS else venue.sequencer.state.markets[market_id].id,
        "account": account,
        "order_index": order_index or None,
        "before": _cursor(cursor),
        "limit": limit,
    }
    rows = await venue.ask_history(venue.history.trades, **query)
    following = str(rows[-1].id) if len(rows) == limit else ""
    return shapes.Trades(trades=[venue.present.trade(row._mapping) for row in rows], next_cursor=following)


def _cursor(text: str) -> int | None:
    if not text:
        return None
    if not is_number(text):
        raise MessageError(
            refusals.INVALID_PARAMETER, "cursor", "no cursor", remedy="use next_cursor as it came"
        )
    return int(text)


@router.get("/accountActiveOrders")
async def account_active_orders(
    venue: Venue,
    account_index: Int64,
    market_id: Int64 = ALL_MARKETS,
    token: Token = None,
) -> shapes.Orders:
    """An account's live orders, newest first."""
    authorise(venue, account_index, token)
    live = venue.sequencer.state.orders.of_account(account_index)
    wanted = [order for order in reversed(live) if market_id in (ALL_MARKETS, order.market)]
    return shapes.Orders(orders=[venue.present.order(order) for order in wanted])


@router.get("/accountInactiveOrders")
async def account_inactive_orders(
    venue: Venue,
    account_index: Int64,
    limit: Annotated[int, Query(ge=1, le=100)],
    market_id: Int64 = ALL_MARKETS,
    cursor: str = "",
    token: Token = None,
) -> shapes.Orders:
    """An account's orders that have ended, newest first."""
    authorise(venue, account_index, token)
    ended = await venue.ask_history(
        venue.history.ended_orders,
        account_index,
        market=None if market_id == ALL_MARKETS else market_id,
        before=_cursor(cursor),
        limit=limit,
    )
    following = str(ended[-1].ended) if len(ended) == limit else ""
    return shapes.Orders(orders=[venue.present.order(order) for order in ended], next_cursor=following)


@router.get("/funding-rates")
async def funding_rates(venue: Venue) -> shapes.FundingRates:
    """The rates that accrue now, per funding interval."""
    state = venue.sequencer.state
    return shapes.FundingRates(
        funding_rates=[
            shapes.FundingRate(
                market_id=market,
                symbol=listed.market.symbol,
                rate=state.view.funding_rate_e12(market) / RATE_SCALE,
            )
            for market, listed in state.markets.by_id.items()
        ]
    )


@router.get("/assetDetails")
async def asset_details(venue: Venue, asset_id: Int64 = COLLATERAL_ASSET) -> shapes.AssetDetails:
    """The collateral."""
    markets = venue.sequencer.state.markets
    unit = markets.amount(1)
    asset = shapes.Asset(
        asset_id=COLLATERAL_ASSET,
        symbol=markets.symbol,
        l1_decimals=markets.decimals,
        decimals=markets.decimals,
        min_transfer_amount=unit,
        min_withdrawal_amount=unit,
        l1_address=venue.chain.token,
    )
    return shapes.AssetDetails(asset_details=[asset] if asset_id == COLLATERAL_ASSET else [])
