"""Money in, out and across, and keys: what L1 requests and signed messages do to accounts."""

from __future__ import annotations

from collections.abc import Sequence

from l2forge.engine.config import MarketConfig
from l2forge.ledger.layout import (
    ACCOUNT_BITS,
    CASH,
    DEPOSITS,
    INSURANCE,
    KEY_BITS,
    KEY_HIGH,
    KEY_LOW,
    OWNER,
    REQUESTS,
    WITHDRAWALS,
    Kind,
)
from l2forge.ledger.machine.assembler import Program
from l2forge.ledger.machine.expressions import Value
from l2forge.ledger.machine.isa import Unit
from l2forge.ledger.programs.orders import message_program
from l2forge.ledger.programs.signed import close_slot, require_unexpired, signed_message, take_nonce
from l2forge.ledger.programs.values import read_prices, require_cash_bound, require_spare, value_positions
from l2forge.rules.jit import DEPOSIT_LIMIT

DEPOSIT, REGISTER, WITHDRAWAL, INSURE = 1, 2, 3, 4
"""Kinds of L1 requests."""

TRANSFER_TYPE, WITHDRAW_TYPE = 12, 13
COLLATERAL_ASSET = 3
"""The number of the collateral in messages: the exchange's for USDC."""

REQUEST_WORDS = 12
OWNERS = ("owner0", "owner1", "owner2")
KEY_WORDS = tuple(f"w{k}" for k in range(5))


def _request(p: Program, venue: Value, kind: int, words: Sequence[Value | int]) -> Value:
    """Take the next L1 request, which is this one; returns its number."""
    number = p.read(venue, REQUESTS)
    p.write(venue, REQUESTS, p.fresh(number + 1))
    p.call(Unit.REQUEST, [number, kind, *words, *[0] * (REQUEST_WORDS - 2 - len(words))], "L1 request")
    return number


def _account(p: Program, account: Value) -> Value:
    p.require_below(account, 1 << ACCOUNT_BITS, "account index")
    return p.leaf(Kind.ACCOUNT, account)


def _read_owner(p: Program, leaf: Value) -> list[Value]:
    return [p.read(leaf, OWNER + k) for k in range(3)]


def _require_amount(p: Program, amount: Value) -> None:
    p.require_positive(amount - 1, "amount is positive")
    p.require_positive(DEPOSIT_LIMIT - 1 - amount, "amount within its bound")


def _add_deposit(p: Program, venue: Value, amount: Value) -> None:
    total = p.change(venue, DEPOSITS, amount)
    p.require_positive(DEPOSIT_LIMIT - 1 - total, "all deposits within their bound")


def deposit() -> Program:
    """DEPOSIT: collateral that arrived on L1; a new account takes the request's owner, an old one has it."""
    p = Program("deposit", ("account", *OWNERS, "amount"))
    account, amount = p.input("account"), p.input("amount")
    owner = [p.input(name) for name in OWNERS]
    venue = p.leaf(Kind.VENUE, 0)
    leaf = _account(p, account)
    _require_amount(p, amount)
    _request(p, venue, DEPOSIT, [account, *owner, amount])
    before = [p.write(leaf, OWNER + k, word) for k, word in enumerate(owner)]
    # Limbs of an address are below 2^56, so they are all 0 iff their sum is.
    is_open = p.fresh(1 - p.is_zero(p.fresh(before[0] + before[1]) + before[2], "new account"))
    for old, new in zip(before, owner, strict=True):
        p.require_zero(p.fresh(old - new) * is_open, "owner of the account")
    require_cash_bound(p, p.change(leaf, CASH, amount))
    _add_deposit(p, venue, amount)
    return p


def insure() -> Program:
    """INSURE: collateral for the insurance fund."""
    p = Program("insure", ("amount",))
    amount = p.input("amount")
    venue = p.leaf(Kind.VENUE, 0)
    _require_amount(p, amount)
    _request(p, venue, INSURE, [0, 0, 0, 0, amount])
    p.change(venue, INSURANCE, amount)
    _add_deposit(p, venue, amount)
    return p


def register() -> Program:
    """REGISTER: the account's owner sets a key, through L1. Nonces and orders of the key's index go on."""
    p = Program("register", ("account", "key", *KEY_WORDS))
    account, key = p.input("account"), p.input("key")
    words = [p.input(name) for name in KEY_WORDS]
    venue = p.leaf(Kind.VENUE, 0)
    owner = _read_owner(p, _account(p, account))
    p.require_below(key, 1 << KEY_BITS, "key index")
    _request(p, venue, REGISTER, [account, *owner, key, *words])
    leaf = p.leaf(Kind.KEY, account * (1 << KEY_BITS) + key)
    for k in range(4):
        p.write(leaf, KEY_LOW + k, words[k])
    p.write(leaf, KEY_HIGH, words[4])
    return p


def _pay_out(
    p: Program, venue: Value, leaf: Value, account: Value, amount: Value, reference: Value | int
) -> None:
    p.change(venue, WITHDRAWALS, amount)
    p.call(Unit.PAYOUT, [account, *_read_owner(p, leaf), amount, reference], "payout")


def _take_cash(p: Program, markets: dict[int, MarketConfig], leaf: Value, amount: Value) -> None:
    """The amount leaves the account's cash, and what stays covers initial margin at index and average."""
    leaves = {k: p.leaf(Kind.MARKET, k) for k in markets}
    cash = p.change(leaf, CASH, p.fresh(-amount))
    require_cash_bound(p, cash)
    require_spare(p, markets, leaves, leaf, cash)


def _wire_amount(p: Program, low: Value, high: Value) -> Value:
    """An amount that messages carry in halves of 32 bits."""
    p.require_below(low, 1 << 32, "amount, low half")
    p.require_below(high, 1 << 32, "amount, high half")
    return p.fresh(low + high * (1 << 32))


WITHDRAW_FIELDS = (COLLATERAL_ASSET, 0, "amount_low", "amount_high")


def withdraw(chain_id: int, markets: dict[int, MarketConfig], attributes: bool) -> Program:
    """WITHDRAW: a signed withdrawal of cash, paid out on L1 to the account's owner."""
    p = message_program("withdraw", WITHDRAW_FIELDS, attributes)
    header, fields = signed_message(p, chain_id, WITHDRAW_TYPE, WITHDRAW_FIELDS, attributes)
    require_unexpired(p, header)
    amount = _wire_amount(p, *(p.value(x) for x in fields[2:4]))
    _require_amount(p, amount)
    take_nonce(p, header)
    close_slot(p, header.slot_leaf)
    leaf = p.leaf(Kind.ACCOUNT, header.account)
    _take_cash(p, markets, leaf, amount)
    _pay_out(p, p.leaf(Kind.VENUE, 0), leaf, header.account, amount, 0)
    return p


TRANSFER_FIELDS = ("to", COLLATERAL_ASSET, 0, 0, "amount_low", "amount_high", 0, 0)


def transfer(chain_id: int, markets: dict[int, MarketConfig], attributes: bool) -> Program:
    """TRANSFER: a signed transfer of cash to another account of the same owner, without a fee."""
    p = message_program("transfer", TRANSFER_FIELDS, attributes)
    header, fields = signed_message(p, chain_id, TRANSFER_TYPE, TRANSFER_FIELDS, attributes)
    require_unexpired(p, header)
    to = p.value(fields[0])
    amount = _wire_amount(p, *(p.value(x) for x in fields[4:6]))
    _require_amount(p, amount)
    take_nonce(p, header)
    close_slot(p, header.slot_leaf)
    p.require_nonzero(header.account - to, "transfer to another account")
    leaf, other = p.leaf(Kind.ACCOUNT, header.account), _account(p, to)
    for mine, theirs in zip(_read_owner(p, leaf), _read_owner(p, other), strict=True):
        p.require_equal(mine, theirs, "accounts of one owner")
    _take_cash(p, markets, leaf, amount)
    require_cash_bound(p, p.change(other, CASH, amount))
    return p


FORCED_INPUTS = ("account", "amount")


def _forced(p: Program) -> tuple[Value, Value, Value, Value, Value]:
    account, amount = p.input("account"), p.input("amount")
    venue = p.leaf(Kind.VENUE, 0)
    leaf = _account(p, account)
    _require_amount(p, amount)
    number = _request(p, venue, WITHDRAWAL, [account, *_read_owner(p, leaf), amount])
    return account, amount, venue, leaf, number


def forced_withdraw(markets: dict[int, MarketConfig]) -> Program:
    """FORCED_WITHDRAW: a withdrawal that the owner asked for on L1, with its effect."""
    p = Program("forced_withdraw", FORCED_INPUTS)
    account, amount, venue, leaf, number = _forced(p)
    _take_cash(p, markets, leaf, amount)
    _pay_out(p, venue, leaf, account, amount, number + 1)
    return p


def refuse_withdrawal(markets: dict[int, MarketConfig], at_twap: bool) -> Program:
    """REFUSE_WITHDRAWAL: a withdrawal asked for on L1 that the state shows to be invalid, at this price."""
    p = Program("refuse_withdrawal" + ("_at_average" if at_twap else ""), FORCED_INPUTS)
    _, amount, _, leaf, _ = _forced(p)
    leaves = {k: p.leaf(Kind.MARKET, k) for k in markets}
    bucket = value_positions(p, markets, read_prices(p, leaves, at_twap=at_twap), leaf, {})
    equity = p.fresh(p.read(leaf, CASH) + bucket.value)
    p.require_positive(p.fresh(bucket.initial - equity) + amount - 1, "withdrawal that margin does not allow")
    return p
