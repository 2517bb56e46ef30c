"""The venues that random flows run through: every model, curve, policy and aggregate at least once."""

from __future__ import annotations

from l2forge.engine import EngineConfig
from l2forge.engine import codes as c
from tests.engine.flows import small_config

CONFIGS: dict[str, EngineConfig] = {
    "book": small_config(),
    "book_isolated": small_config(
        default_isolated=True, self_trade=c.EXPIRE_BOTH, pro_rata=True, aggregate=1
    ),
    "amm": small_config(model=c.AMM, curve=c.CONSTANT_PRODUCT, pro_rata=True, aggregate=2),
    "oracle_pool": small_config(model=c.AMM, curve=c.ORACLE_POOL),
    "hybrid": small_config(
        model=c.HYBRID, curve=c.CONSTANT_PRODUCT, maker_auction_ms=50, self_trade=c.EXPIRE_TAKER
    ),
    "hybrid_pool": small_config(
        model=c.HYBRID, curve=c.ORACLE_POOL, amm_max_share_e12=5 * 10**11, self_trade=c.EXPIRE_BOTH
    ),
    "bare_book": small_config(accounting=False),
}
