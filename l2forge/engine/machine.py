"""apply(state, command) → events: the one deterministic state machine of all models."""

from __future__ import annotations

from l2forge.engine.codes import (
    ALL_MARKETS,
    BURN_SHARES,
    CANCEL_ALL,
    CANCEL_ORDER,
    CLOCK,
    COLLECT_FEES,
    CREATE_ORDER,
    DELEVERAGE,
    DEPOSIT,
    EXPIRE_ORDER,
    FUND,
    FUNDING,
    LIQUIDATE,
    MINT_SHARES,
    MODIFY_ORDER,
    OK,
    ORACLE_REPORT,
    ORACLE_TICK,
    PROVEN,
    R_CLOCK,
    R_MARKET_UNKNOWN,
    R_NOT_SUPPORTED,
    R_RANGE,
    R_UNKNOWN_COMMAND,
    TRANSFER,
    TRIGGER_ORDER,
    UPDATE_LEVERAGE,
    UPDATE_MARGIN,
    WITHDRAW,
)
from l2forge.engine.commands import COMMAND_WORDS
from l2forge.engine.curve import burn_shares, mint_shares
from l2forge.engine.deleverage import deleverage
from l2forge.engine.funding import funding
from l2forge.engine.funds import (
    collect_fees,
    deposit,
    fund,
    proven,
    transfer,
    update_leverage,
    update_margin,
    withdraw,
)
from l2forge.engine.jit import entry, inner, kernel, words
from l2forge.engine.layout import (
    C_ACCOUNT,
    C_AMOUNT,
    C_AUX,
    C_EXPIRY,
    C_FILLED,
    C_FLAGS,
    C_FORCED,
    C_ID,
    C_KIND,
    C_MAKER_FEE,
    C_MARKET,
    C_MARKET_AT,
    C_N_EVENTS,
    C_N_FILLS,
    C_PRICE,
    C_SIZE,
    C_STOP,
    C_TAKER_FEE,
    C_TIME,
    H_ACCOUNTING,
    H_EVENT_RESERVE,
    H_EVENT_ROWS,
    H_N_ACCOUNTS,
    H_N_MARKETS,
    H_NOW,
    H_SEQUENCE,
    H_UNPROVEN_SINCE,
    M_OPEN,
)
from l2forge.engine.liquidate import liquidate
from l2forge.engine.lookahead import (
    FAR,
    MIDDLE,
    NEAR,
    NEXT,
    fetch_entry,
    fetch_first,
    fetch_neighbours,
    fetch_order,
    fetch_tail,
)
from l2forge.engine.oracle import oracle_report, oracle_tick
from l2forge.engine.orders import (
    cancel_all,
    cancel_order,
    create_order,
    expire_order,
    modify_order,
    trigger_order,
)
from l2forge.engine.risk import market_at
from l2forge.rules.jit import Words

_TIME_LIMIT = 1 << 46
_FIELD_LIMIT = 1 << 62


@inner
def _load(s: Words, commands: Words, row: int) -> int:
    """Copy a command into the registers; OK, or why it cannot be one."""
    at = row * COMMAND_WORDS
    word = commands[at]
    s[C_KIND] = word & 0xFF
    s[C_MARKET] = (word >> 8) & 0xFF
    s[C_FLAGS] = (word >> 16) & 0xFFFF
    s[C_ACCOUNT] = commands[at + 1]
    s[C_ID] = commands[at + 2]
    s[C_PRICE] = commands[at + 3]
    s[C_SIZE] = commands[at + 4]
    s[C_AUX] = commands[at + 5]
    s[C_EXPIRY] = commands[at + 6]
    s[C_TIME] = commands[at + 7]
    s[C_N_FILLS] = 0
    s[C_STOP] = 0
    s[C_FORCED] = 0
    s[C_FILLED] = 0
    s[C_AMOUNT] = 0
    s[C_MAKER_FEE] = 0
    s[C_TAKER_FEE] = 0
    if word >> 32 != 0 or not 0 <= s[C_ACCOUNT] < s[H_N_ACCOUNTS]:
        return R_RANGE
    if s[C_TIME] < s[H_NOW]:
        return R_CLOCK
    if s[C_TIME] >= _TIME_LIMIT:
        return R_RANGE
    for i in range(2, 7):
        if not -_FIELD_LIMIT < commands[at + i] < _FIELD_LIMIT:
            return R_RANGE
    m = s[C_MARKET]
    if m < s[H_N_MARKETS]:
        s[C_MARKET_AT] = market_at(s, m)
        if s[s[C_MARKET_AT] + M_OPEN]:
            return OK
    return OK if m == ALL_MARKETS and s[C_KIND] == CANCEL_ALL else R_MARKET_UNKNOWN


@inner
def _dispatch(s: Words) -> int:
    """Run the command in the registers; OK, or the reason for which nothing changed."""
    kind = s[C_KIND]
    if kind == CREATE_ORDER:
        return create_order(s)
    if kind == CANCEL_ORDER:
        return cancel_order(s)
    if kind == MODIFY_ORDER:
        return modify_order(s)
    if kind == EXPIRE_ORDER:
        return expire_order(s)
    if not s[H_ACCOUNTING]:
        return R_NOT_SUPPORTED if kind <= CLOCK else R_UNKNOWN_COMMAND
    if kind == CANCEL_ALL:
        return cancel_all(s)
    if kind == TRIGGER_ORDER:
        return trigger_order(s)
    if kind >= ORACLE_REPORT:
        return _dispatch_venue(s, kind)
    return _dispatch_funds(s, kind)


@kernel
def _dispatch_funds(s: Words, kind: int) -> int:
    """Users' commands about cash and margin."""
    if kind == DEPOSIT:
        return deposit(s)
    if kind == TRANSFER:
        return transfer(s)
    if kind == WITHDRAW:
        return withdraw(s)
    if kind == MINT_SHARES:
        return mint_shares(s)
    if kind == BURN_SHARES:
        return burn_shares(s)
    if kind == UPDATE_LEVERAGE:
        return update_leverage(s)
    if kind == UPDATE_MARGIN:
        return update_margin(s)
    return R_UNKNOWN_COMMAND


@kernel
def _dispatch_venue(s: Words, kind: int) -> int:
    """The venue's own commands: prices, funding, liquidation, governance, clock."""
    if kind == ORACLE_REPORT:
        return oracle_report(s)
    if kind == ORACLE_TICK:
        return oracle_tick(s)
    if kind == FUNDING:
        return funding(s)
    if kind == LIQUIDATE:
        return liquidate(s)
    if kind == DELEVERAGE:
        return deleverage(s)
    if kind == FUND:
        return fund(s)
    if kind == COLLECT_FEES:
        return collect_fees(s)
    if kind == PROVEN:
        return proven(s)
    return OK if kind == CLOCK else R_UNKNOWN_COMMAND


@inner
def apply_one(s: Words, commands: Words, row: int) -> int:
    """Apply one command; returns OK or the reason of its refusal, which leaves the state as it was."""
    reason = _load(s, commands, row)
    if reason == OK:
        reason = _dispatch(s)
    if reason == OK:
        s[H_NOW] = s[C_TIME]
        s[H_SEQUENCE] += 1
        if s[H_UNPROVEN_SINCE] == 0 and s[C_KIND] != PROVEN:
            s[H_UNPROVEN_SINCE] = s[C_TIME]
    return reason


@entry
def apply_batch(state: Words, commands: Words, first: int, n: int, results: Words) -> int:
    """Apply commands first..n − 1; stops early when the events of one more might not fit.

    Returns how far it came. results[i] is each command's reason; events since the call lie in the event rows.
    """
    s = words(state)
    rows = words(commands)
    reasons = words(results)
    s[C_N_EVENTS] = 0
    room = s[H_EVENT_ROWS] - s[H_EVENT_RESERVE]
    if first + FAR < n:
        fetch_first(s, rows, first)
    for row in range(first, n):
        if s[C_N_EVENTS] > room:
            return row
        if row + FAR < n:
            fetch_entry(s, rows, row + FAR)
            fetch_order(s, row + MIDDLE)
            fetch_neighbours(s, rows, row + NEAR)
            fetch_tail(s, row + NEXT)
        reasons[row] = apply_one(s, rows, row)
    return n
