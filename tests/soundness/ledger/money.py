"""Cheats with money that comes and goes, and with time and memory."""

from __future__ import annotations

from collections.abc import Iterator

from l2forge.ledger import layout
from l2forge.ledger.machine.isa import Unit
from tests.soundness.ledger.cheat import (
    ASSERTION,
    MEMORY,
    NO_LEAF,
    Cheat,
    changed,
    lines_of_program,
)
from tests.soundness.ledger.cheater import Lie
from tests.soundness.ledger.scene import CASH, NOW, after, clock, fill, owner, scene


def money() -> Iterator[Cheat]:
    """Cash that leaves, or comes from nowhere."""
    s = scene()
    yield Cheat(
        "withdrawal of more than there is", (s.withdraw(1, 0, CASH + 1),), "initial margin of what stays"
    )
    trade = s.order(5, 0, size=1600), s.order(3, 0, ask=True, size=1600), fill((5, 0), (3, 0), 1600)
    yield Cheat(
        "withdrawal below initial margin",
        (s.withdraw(5, 1, 2_000_001),),
        "initial margin of what stays",
        state=after(*trade),
    )
    yield Cheat(
        "transfer below initial margin", (s.transfer(1, 0, 2, CASH + 1),), "initial margin of what stays"
    )
    yield Cheat("transfer to another owner", (s.transfer(1, 0, 3, 5),), "accounts of one owner", ASSERTION)
    yield Cheat("transfer to oneself", (s.transfer(1, 0, 1, 5),), "transfer to another account", ASSERTION)
    yield Cheat("expired withdrawal", (s.withdraw(1, 0, 5, ExpiredAt=NOW),), "message not expired")
    yield Cheat("expired transfer", (s.transfer(1, 0, 2, 5, ExpiredAt=NOW),), "message not expired")
    paid = s.withdraw(1, 0, 5)
    yield Cheat("withdrawal paid twice", (paid, paid), "nonce not used before")
    yield Cheat("withdrawal of −5, mod p", (changed(paid, amount_low=-5),), "amount, low half", alone=False)
    yield Cheat("withdrawal of 0", (changed(paid, amount_low=0),), "amount is positive")
    deposit = {"op": "deposit", "account": 1, "owner": owner(1), "amount": 5}
    yield Cheat("deposit of −5, mod p", (changed(deposit, amount=-5),), "amount is positive")
    yield Cheat(
        "deposit beyond all bounds",
        (changed(deposit, amount=1 << 58),),
        "amount within its bound",
        alone=False,
    )
    yield Cheat(
        "deposits beyond their bound in sum",
        (changed(deposit, amount=(1 << 58) - 1),),
        "all deposits within their bound",
    )
    yield Cheat(
        "account taken over by a deposit",
        ({**deposit, "owner": owner(3)},),
        "owner of the account",
        ASSERTION,
    )
    yield Cheat("account beyond the tree", (changed(deposit, account=1 << 20),), "account index", NO_LEAF)
    forced = {"op": "forced_withdraw", "account": 1, "amount": CASH + 1}
    yield Cheat(
        "forced withdrawal that margin does not allow",
        (changed(forced, "forced_withdraw"),),
        "initial margin of what stays",
    )
    good = {"op": "forced_withdraw", "account": 1, "amount": CASH}
    for program in ("refuse_withdrawal", "refuse_withdrawal_at_average"):
        yield Cheat(
            f"good forced withdrawal refused: {program}",
            (changed(good, program),),
            "withdrawal that margin does not allow",
        )


def clocks() -> Iterator[Cheat]:
    """Time."""
    yield Cheat("time that runs back", (clock(-1),), "time does not run back")
    yield Cheat("time beyond its bound", (changed(clock(0), time=1 << 46),), "time within its bound")
    yield Cheat("negative time", (changed(clock(0), time=-1),), "time within its bound", alone=False)


def memory() -> Iterator[Cheat]:
    """Words that are not those of the state."""
    s = scene()
    pair = s.order(1, 0), s.order(3, 0, ask=True), changed(fill((1, 0), (3, 0)), "fill_0")
    yield Cheat(
        "word read before it is written",
        (changed(clock(1)), s.withdraw(1, 0, 5)),
        "",
        MEMORY,
        lies=(Lie("withdraw", "state", NOW + 2, Unit.READ, which=6),),
    )
    yield Cheat(
        "cash that the account does not have",
        pair,
        "",
        MEMORY,
        lies=(Lie("fill_0", "state", CASH + 10**9, Unit.READ, which=_cash_read("fill_0")),),
    )


def _cash_read(program: str) -> int:
    reads = [line for line in lines_of_program(program) if line.unit == Unit.READ]
    return next(k for k, line in enumerate(reads) if line.offset == layout.CASH)
