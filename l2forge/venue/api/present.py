"""From the state and the history to the answers' shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l2forge.spec.models import Spec
from l2forge.units import RATE_SCALE
from l2forge.venue.api import shapes
from l2forge.venue.history import LOG_TRADES, Day, History
from l2forge.venue.markets import Listed
from l2forge.venue.orders import OPEN, Order
from l2forge.venue.state import VenueState
from l2forge.venue.translate import COLLATERAL_ASSET
from l2forge.venue.view import Money, Position

ORDER_TYPES = ("limit", "market", "stop-loss", "stop-loss-limit", "take-profit", "take-profit-limit", "twap")
TIMES_IN_FORCE = ("immediate-or-cancel", "good-till-time", "post-only")
FRACTION_E4 = 10_000
FEE_TICKS = 10**6
"""Of one: the exchange's unit of a fee's rate."""
_PLACES_OF_RATIOS = 6


def ratio(numerator: int, denominator: int, decimals: int = 2) -> str:
    """A ratio as a decimal text, rounded down; "0" over nothing."""
    if denominator == 0:
        return "0"
    scaled = numerator * 10**decimals // denominator
    whole, rest = divmod(abs(scaled), 10**decimals)
    return f"{'-' if scaled < 0 else ''}{whole}.{rest:0{decimals}d}"


def rate_text(rate_e12: int) -> str:
    """A rate as a fraction: 4 bps is "0.000400"."""
    return ratio(rate_e12, RATE_SCALE, _PLACES_OF_RATIOS)


class Presenter:
    """The answers of one venue."""

    def __init__(self, spec: Spec, state: VenueState, history: History) -> None:
        self.spec = spec
        self.state = state
        self.history = history
        self._specs = {market.id: market for market in spec.markets}

    # -- markets ----------------------------------------------------------------------------------

    def market_terms(self, listed: Listed) -> dict[str, Any]:
        """The fields of `MarketTerms`."""
        config = next(m for m in self.state.engine.config.markets if m.id == listed.id)
        index = self.state.view.index_ticks(listed.id)
        is_live = self.state.view.is_fresh(listed.id, self.state.now)
        lot_units = max(1, index * config.quote)
        return {
            "symbol": listed.market.symbol,
            "market_id": listed.id,
            "quote_asset_id": COLLATERAL_ASSET,
            "status": "active" if is_live else "inactive",
            "taker_fee": rate_text(config.taker_e12),
            "maker_fee": rate_text(config.maker_e12),
            "liquidation_fee": rate_text(self.spec.liquidation.penalty.e12),
            "min_base_amount": listed.size(-(-config.min_order // lot_units)),
            "min_quote_amount": listed.quote(config.min_order),
            "supported_size_decimals": listed.market.size_decimals,
            "supported_price_decimals": listed.market.price_decimals,
            "supported_quote_decimals": listed.quote_decimals,
            "order_quote_limit": listed.quote(config.max_order),
            "is_maker_fee_enabled": config.maker_e12 != 0,
            "is_taker_fee_enabled": config.taker_e12 != 0,
        }

    def order_book(self, listed: Listed) -> shapes.OrderBook:
        """One market of orderBooks."""
        interest = listed.size(self.state.view.open_interest_lots(listed.id))
        return shapes.OrderBook(**self.market_terms(listed), open_interest=interest)

    def order_book_detail(self, listed: Listed, day: Day) -> shapes.OrderBookDetail:
        """One market of orderBookDetails, with its last day's trades."""
        view, market = self.state.view, self._specs[listed.id]
        tier = market.margin_tiers[0]
        initial = tier.initial.e12 * FRACTION_E4 // RATE_SCALE
        maintenance = tier.maintenance.e12 * FRACTION_E4 // RATE_SCALE
        index = listed.price(view.index_ticks(listed.id))
        return shapes.OrderBookDetail(
            **self.market_terms(listed),
            size_decimals=listed.market.size_decimals,
            price_decimals=listed.market.price_decimals,
            quote_multiplier=listed.market.quote_per_tick_lot,
            default_initial_margin_fraction=initial,
            min_initial_margin_fraction=initial,
            maintenance_margin_fraction=maintenance,
            closeout_margin_fraction=maintenance,
            last_trade_price=float(listed.price(day.last)),
            daily_trades_count=day.n,
            daily_base_token_volume=float(listed.size(day.lots)),
            daily_quote_token_volume=float(listed.quote(day.units)),
            daily_price_low=float(listed.price(day.low)),
            daily_price_high=float(listed.price(day.high)),
            daily_price_change=100 * (day.last / day.first - 1) if day.first else 0.0,
            open_interest=float(listed.size(view.open_interest_lots(listed.id))),
            market_config=shapes.MarketConfig(force_reduce_only=not view.is_fresh(listed.id, self.state.now)),
            funding_clamp_small=rate_text(market.funding.clamp.e12),
            funding_clamp_big=rate_text(market.funding.cap.e12),
            base_interest_rate=rate_text(market.funding.interest.e12),
            mark_price=index,
            index_price=index,
        )

    def resting(self, market: int, *, is_ask: bool) -> list[Order]:
        """Resting orders of one side, best first, then oldest."""
        found = [
            order
            for order in self.state.orders.by_id.values()
            if order.resting and order.market == market and order.is_ask == is_ask
        ]
        return sorted(found, key=lambda order: (order.price if is_ask else -order.price, order.sequence))

    def simple_order(self, order: Order) -> shapes.SimpleOrder:
        """An order of the public book."""
        listed = self.state.markets[order.market]
        return shapes.SimpleOrder(
            order_index=order.index,
            order_id=str(order.index),
            owner_account_index=order.account,
            initial_base_amount=listed.size(order.lots),
            remaining_base_amount=listed.size(order.open_lots),
            price=listed.price(order.price),
            order_expiry=order.expiry,
            transaction_time=order.time_ms * 1000,
        )

    # -- accounts ---------------------------------------------------------------------------------

    def account_fields(self, index: int) -> dict[str, Any]:
        """The fields of `Account`."""
        account = self.state.registry.account(index)
        money = self.money(index)
        return {
            "index": index,
            "l1_address": account.owner,
            "total_order_count": len(self.state.orders.of_account(index)),
            "available_balance": self.state.markets.amount(money.available),
            "collateral": self.state.markets.amount(money.cash),
            "transaction_time": account.time_ms * 1000,
        }

    def money(self, index: int) -> Money:
        """What an account has; nothing where the engine has not opened it."""
        if not self.state.view.is_open(index):
            return Money(0, 0, 0, 0, ())
        return self.state.view.money(index)

    def detailed_account(self, index: int) -> shapes.DetailedAccount:
        """An account with its positions."""
        money, amount = self.money(index), self.state.markets.amount
        account = self.state.registry.account(index)
        return shapes.DetailedAccount(
            **self.account_fields(index),
            account_index=index,
            positions=[self.position(index, money, position) for position in money.positions],
            assets=[
                shapes.AccountAsset(
                    symbol=self.state.markets.symbol,
                    asset_id=COLLATERAL_ASSET,
                    balance=amount(money.cash),
                    margin_balance=amount(money.cash),
                )
            ],
            total_asset_value=amount(money.equity),
            cross_asset_value=amount(money.equity),
            created_at=account.time_ms,
            cross_initial_margin_requirement=amount(money.initial),
            cross_maintenance_margin_requirement=amount(money.maintenance),
        )

    def position(self, account: int, money: Money, position: Position) -> shapes.AccountPosition:
        """One position of an account."""
        listed = self.state.markets[position.market]
        size, sign = abs(position.lots), 1 if position.lots > 0 else -1
        quote = listed.market.quote_per_tick_lot
        holding = self.state.registry.account(account).holdings.get(position.market)
        orders = [o for o in self.state.orders.of_account(account) if o.market == position.market]
        return shapes.AccountPosition(
            market_id=position.market,
            symbol=listed.market.symbol,
            initial_margin_fraction=ratio(100 * position.initial, abs(position.value)),
            open_order_count=len(orders),
            sign=sign,
            position=listed.size(size),
            avg_entry_price=listed.price(abs(position.cost) // (size * quote)),
            position_value=listed.quote(abs(position.value)),
            unrealized_pnl=listed.quote(position.value - position.cost),
            realized_pnl=listed.quote(holding.realised if holding else 0),
            liquidation_price=listed.price(self._liquidation_ticks(money, position)),
        )

    def _liquidation_ticks(self, money: Money, position: Position) -> int:
        """The index at which the account would be at maintenance if only this market moved; 0: at none.

        Per tick the equity changes by lots·quote and the maintenance margin by its part of the value.
        """
        quote = self.state.markets[position.market].market.quote_per_tick_lot
        index = self.state.view.index_ticks(position.market)
        spare = money.equity - money.maintenance
        per_tick = position.lots * quote - position.maintenance // max(1, index)
        return max(0, index - spare // per_tick) if per_tick else 0

    # -- orders and trades ------------------------------------------------------------------------

    def order(self, order: Order) -> shapes.Order:
        """An order of an account."""
        listed = self.state.markets[order.market]
        return shapes.Order(
            order_index=order.index,
            client_order_index=order.client_index,
            order_id=str(order.index),
            client_order_id=str(order.client_index),
            market_index=order.market,
            owner_account_index=order.account,
            initial_base_amount=listed.size(order.lots),
            price=listed.price(order.price),
            nonce=order.nonce,
            remaining_base_amount=listed.size(order.open_lots if order.status == OPEN else 0),
            is_ask=order.is_ask,
            base_size=order.lots,
            base_price=order.price,
            filled_base_amount=listed.size(order.filled_lots),
            filled_quote_amount=listed.quote(order.filled_units),
            side="sell" if order.is_ask else "buy",
            type=ORDER_TYPES[order.order_type],
            time_in_force=TIMES_IN_FORCE[order.time_in_force],
            reduce_only=order.reduce_only,
            order_expiry=order.expiry,
            status=order.status,
            block_height=self.history.block_of(order.sequence),
            timestamp=order.time_ms // 1000,
            created_at=order.time_ms // 1000,
            updated_at=order.updated_ms // 1000,
            transaction_time=order.time_ms * 1000,
            market_symbol=listed.market.symbol,
        )

    def trade(self, found: Mapping[Any, Any]) -> shapes.Trade:
        """A fill, from its row of the history."""
        listed = self.state.markets[found["market"]]
        fields: dict[str, Any] = {}
        sides = {"ask": "maker" if found["is_maker_ask"] else "taker"}
        sides["bid"] = "taker" if found["is_maker_ask"] else "maker"
        for name, side in sides.items():
            order, client = found[f"{side}_order"], found[f"{side}_client"]
            fields |= {
                f"{name}_id": order,
                f"{name}_id_str": str(order),
                f"{name}_account_id": found[f"{side}_account"],
                f"{name}_client_id": client,
                f"{name}_client_id_str": str(client),
                f"{name}_account_pnl": listed.quote(found[f"{side}_realised"]),
            }
            before = found[f"{side}_lots_before"]
            after = before + (-found["lots"] if name == "ask" else found["lots"])
            tier = self._specs[found["market"]].margin_tiers[0].initial.e12
            fields |= {
                f"{side}_fee": found[f"{side}_fee"] * FEE_TICKS // found["units"],
                f"{side}_position_size_before": listed.size(before),
                f"{side}_entry_quote_before": listed.quote(abs(found[f"{side}_cost_before"])),
                f"{side}_initial_margin_fraction_before": tier * FRACTION_E4 // RATE_SCALE,
                f"{side}_position_sign_changed": before * after < 0 or (before == 0 and after != 0),
            }
        return shapes.Trade(
            **fields,
            trade_id=found["id"],
            trade_id_str=str(found["id"]),
            tx_hash=found["tx_hash"],
            market_id=found["market"],
            market_symbol=listed.market.symbol,
            size=listed.size(found["lots"]),
            price=listed.price(found["price"]),
            usd_amount=listed.quote(found["units"]),
            is_maker_ask=bool(found["is_maker_ask"]),
            block_height=self.history.block_of(found["id"] >> LOG_TRADES),
            timestamp=found["time_ms"],
            transaction_time=found["time_ms"] * 1000,
        )
