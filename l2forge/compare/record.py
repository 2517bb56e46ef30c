"""What a run of a flow through a venue leaves behind; measures are computed from it and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Take:
    """A taker's order: when, how much it wanted, the price it saw, what it got (lots, units)."""

    time: int
    role: int
    side: int
    money: int
    arrival_mid: float | None
    lots: int = 0
    amount: int = 0
    fees: int = 0


@dataclass(frozen=True)
class Trade:
    """One side of a change of position: signed lots, units paid for them (signed), fee or penalty."""

    time: int
    account: int
    lots: int
    paid: int
    fee: int
    is_maker: bool


@dataclass(frozen=True)
class Sample:
    """The venue at one moment, once per step of the flow. Prices in ticks, money in units."""

    time: int
    truth: int
    index: int
    bid: float | None
    ask: float | None
    depth_10: float
    depth_50: float
    insurance: int
    open_interest: int
    liquidated: int


@dataclass
class Record:
    """One flow through one venue."""

    takes: list[Take] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    orders: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    liquidated: int = 0
    liquidations: int = 0
    deleveraged: int = 0
    penalties: Counter[int] = field(default_factory=Counter)
    """Per account: penalties and haircuts taken from it, less those that it got."""
    insurance_paid: int = 0
    insurance_start: int = 0
    insurance_least: int = 0
    recentered: int = 0
    withdrawn: Counter[int] = field(default_factory=Counter)
    shares_bought: Counter[int] = field(default_factory=Counter)
    price_refusals: Counter[int] = field(default_factory=Counter)
    """Reports and ticks that the oracle's rules kept out, by reason."""
    equity: dict[int, int] = field(default_factory=dict)
    """At the end, per account (0: the pool); limited liability is applied by the measures."""
    owed: int = 0
    """What accounts below zero owe at the end."""
    digest: bytes = b""
