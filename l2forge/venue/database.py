"""The venue's SQL tables: what is asked for later, and the jobs of the provers.

All of the history follows from the journal and is written again, row by row the same, when the journal is
read again; so losing the last seconds of it loses nothing. Only a job's progress is kept here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite

_METADATA = MetaData()


def _big(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **options)


TRANSACTIONS = Table(
    "transactions",
    _METADATA,
    _big("sequence", primary_key=True, autoincrement=False),
    Column("hash", String(80), nullable=False, index=True),
    Column("type", Integer, nullable=False),
    _big("account"),
    Column("api_key", Integer, nullable=False),
    _big("nonce"),
    Column("info", Text, nullable=False),
    Column("code", Integer, nullable=False),
    Column("message", Text, nullable=False),
    _big("time_ms"),
    _big("expires_ms"),
)

TRADES = Table(
    "trades",
    _METADATA,
    _big("id", primary_key=True, autoincrement=False),
    Column("market", Integer, nullable=False),
    *(_big(name) for name in ("price", "lots", "units", "time_ms")),
    Column("tx_hash", String(80), nullable=False),
    Column("is_maker_ask", Integer, nullable=False),
    *(
        _big(f"{side}_{name}")
        for side in ("maker", "taker")
        for name in ("account", "order", "client", "fee", "lots_before", "cost_before", "realised")
    ),
    Index("trades_by_market", "market", "id"),
    Index("trades_by_maker", "maker_account", "id"),
    Index("trades_by_taker", "taker_account", "id"),
)

ORDERS = Table(
    "orders",
    _METADATA,
    _big("account", primary_key=True, autoincrement=False),
    _big("order_index", primary_key=True, autoincrement=False),
    Column("market", Integer, nullable=False),
    _big("client_index"),
    _big("updated_ms"),
    _big("sequence"),
    Column("data", LargeBinary, nullable=False),
    Index("orders_by_account", "account", "sequence"),
)
"""Orders that have ended; those that live are in the state."""

MOVEMENTS = Table(
    "movements",
    _METADATA,
    _big("sequence", primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),
    _big("account", index=True),
    _big("other", index=True),
    _big("units"),
    Column("hash", String(80), nullable=False),
    _big("time_ms"),
)

BATCHES = Table(
    "batches",
    _METADATA,
    _big("number", primary_key=True, autoincrement=False),
    _big("sequence"),
    _big("time_ms"),
    Column("n_operations", Integer, nullable=False),
    Column("operations", LargeBinary, nullable=False),
    Column("status", String(10), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    _big("lease_until_ms"),
    Column("worker", String(64), nullable=False),
    Column("error", Text, nullable=False),
    Column("statement", String(64), nullable=False),
    Column("new_root", String(64), nullable=False),
    Column("proof", LargeBinary, nullable=True),
    Column("public", LargeBinary, nullable=True),
    Column("proof_figures", Text, nullable=False),
    _big("proven_ms"),
    Column("l1_tx", String(66), nullable=False),
    Column("l1_figures", Text, nullable=False),
    _big("settled_ms"),
)


def connect_database(url: str) -> Engine:
    """The database at a SQLAlchemy URL, with its tables."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    _METADATA.create_all(engine)
    return engine


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file, whose directory is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{path}"


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """FULL, since a snapshot of the state counts on the rows that were written before it."""
    cursor = connection.cursor()
    for setting in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=20000"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; one whose key is there already is the same row and stays."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))
