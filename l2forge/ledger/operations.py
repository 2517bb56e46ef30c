"""From an operation as plain values to programs and inputs.

| op | other keys |
|---|---|
| clock | time |
| deposit | account, owner, amount |
| fund | amount |
| register | account, key, public_key |
| forced_withdraw | account, amount |
| order, cancel_all, withdraw, transfer, report | message: {type, info} |
| cancel | message, order: [account, key, nonce] |
| fill | market, maker and taker: [account, key, nonce], price, lots |
| tick, funding | market |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from l2forge.errors import CheckFailed, InputError
from l2forge.ledger.layout import ACCOUNT_BITS, KEY_BITS, SLOT_BITS, Kind
from l2forge.ledger.machine.interpreter import Operation
from l2forge.ledger.messages import Message, attribute_elements, elements_of, parse
from l2forge.ledger.programs.fills import fill_programs
from l2forge.ledger.programs.funds import TRANSFER_FIELDS, WITHDRAW_FIELDS
from l2forge.ledger.programs.orders import ORDER_FIELDS
from l2forge.ledger.programs.signed import ATTRIBUTES, HARMLESS_ATTRIBUTES
from l2forge.stark.field import P

PlainOperation: TypeAlias = Mapping[str, Any]
OWNER_BITS = (56, 56, 48)
KEY_WORDS = 5
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}", re.ASCII)
HEADER_ELEMENTS = 2

MESSAGE_FIELDS: dict[str, tuple[str | int, ...]] = {
    "order": ORDER_FIELDS,
    "cancel": ("market", "index"),
    "cancel_all": (0, 0),
    "withdraw": WITHDRAW_FIELDS,
    "transfer": TRANSFER_FIELDS,
}
MESSAGE_TYPES = {"order": 14, "cancel": 15, "cancel_all": 16, "withdraw": 13, "transfer": 12, "report": 128}


class NotProvable(CheckFailed):
    """An operation that no program takes."""


@dataclass(frozen=True)
class Translated:
    """An operation of the machine, and the signature that its message carries."""

    operation: Operation
    message: Message | None = None


def translate(plain: PlainOperation, chain_id: int) -> Translated:
    """The machine's operation. Raises NotProvable, or InputError for one that is malformed."""
    try:
        translated = _translate(plain, chain_id)
        for value in translated.operation.inputs:
            if type(value) is not int or not 0 <= value < P:
                raise ValueError(f"{value!r} is no number from 0 to p − 1")
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"the operation {plain!r} is malformed: {error!r}", remedy="see l2forge/ledger/operations.py"
        ) from None
    return translated


def _translate(plain: PlainOperation, chain_id: int) -> Translated:
    name = plain["op"]
    if name in MESSAGE_FIELDS:
        return _signed(name, plain, chain_id)
    if name == "report":
        return _report(plain)
    if name == "deposit":
        limbs = owner_limbs(plain["owner"])
        return _plain("deposit", plain["account"], *limbs, plain["amount"])
    if name == "fund":
        return _plain("insure", plain["amount"])
    if name == "register":
        key = plain["public_key"]
        if len(key) != KEY_WORDS:
            raise ValueError(f"a public key has {KEY_WORDS} words, not {len(key)}")
        return _plain("register", plain["account"], plain["key"], *key)
    if name == "clock":
        return _plain("clock", plain["time"])
    if name == "forced_withdraw":
        programs = ("forced_withdraw", "refuse_withdrawal", "refuse_withdrawal_at_average")
        return Translated(Operation(programs, (plain["account"], plain["amount"])))
    if name == "tick":
        market = plain["market"]
        return Translated(Operation((f"tick_{market}", f"first_tick_{market}")))
    if name == "funding":
        return _plain(f"funding_{plain['market']}")
    if name == "fill":
        market = plain["market"]
        sides = slot_index(plain["maker"]), slot_index(plain["taker"])
        return Translated(Operation(fill_programs(market), (*sides, plain["price"], plain["lots"])))
    raise InputError(f"there is no operation {name!r}")


def _plain(program: str, *inputs: int) -> Translated:
    return Translated(Operation((program,), tuple(inputs)))


def slot_index(identity: Sequence[int]) -> int:
    """The index of the leaf of an order's slot, from its account, key and nonce."""
    account, key, nonce = identity
    return (((account << KEY_BITS) | key) << SLOT_BITS) | (nonce & ((1 << SLOT_BITS) - 1))


def likely_leaves(plain: PlainOperation, message: Message | None) -> Iterator[tuple[Kind, int]]:
    """(kind, index) of leaves that a translated operation is about to use, so that they can be read together.

    A hint: what it leaves out is read when it is needed.
    """
    identities = [plain[side] for side in ("maker", "taker", "order") if side in plain]
    if message is not None and message.api_key_index is not None and message.nonce is not None:
        identities.append((message.account_index, message.api_key_index, message.nonce))
    for account, key, _ in identities:
        yield Kind.ACCOUNT, account
        yield Kind.KEY, account << KEY_BITS | key
    for identity in identities:
        yield Kind.ORDER, slot_index(identity)
    if "account" in plain:
        yield Kind.ACCOUNT, plain["account"]


def owner_limbs(owner: str) -> tuple[int, int, int]:
    """An L1 address in limbs of 56, 56 and 48 bits, lowest first. Raises ValueError for another text."""
    if not _ADDRESS.fullmatch(owner):
        raise ValueError(f"{owner!r} is no L1 address: 0x and 40 hex digits")
    value = int(owner, 16)
    low, middle, _ = OWNER_BITS
    return value & ((1 << low) - 1), (value >> low) & ((1 << middle) - 1), value >> (low + middle)


def _signed(name: str, plain: PlainOperation, chain_id: int) -> Translated:
    tx_type, info = plain["message"]["type"], plain["message"]["info"]
    if tx_type != MESSAGE_TYPES[name]:
        raise InputError(f"a message of type {tx_type} is no {name}")
    message = _parsed(tx_type, info)
    if message.account_index >> ACCOUNT_BITS:
        raise NotProvable(f"there is no account {message.account_index}")
    elements = elements_of(message, chain_id)[HEADER_ELEMENTS:]
    inputs = elements[:4]
    for field, value in zip(MESSAGE_FIELDS[name], elements[4:], strict=True):
        if isinstance(field, str):
            inputs.append(value)
        elif field != value:
            raise NotProvable(f"the {name} has a field with {value}, and only {field} is proven")
    attributes = attribute_elements(message.attributes)
    program = name
    if attributes is not None:
        if not set(attributes[::2]) <= set(HARMLESS_ATTRIBUTES):
            raise NotProvable(f"the {name} has attributes that are not proven: {attributes[::2]}")
        inputs += [*attributes, *[0] * (len(ATTRIBUTES) - len(attributes))]
        program += "_with_attributes"
    if name == "cancel":
        account, key, nonce = plain["order"]
        if account != message.account_index:
            raise NotProvable(f"account {message.account_index} cannot cancel an order of account {account}")
        inputs += [key, nonce % (1 << SLOT_BITS)]
    return Translated(Operation((program,), tuple(inputs)), message)


def _parsed(tx_type: int, info: str | Mapping[str, Any]) -> Message:
    """The checked message. Its text came through the door, which took one spelling of each value only; here
    the values count, which the signature is over: the fastest reader does."""
    return parse(tx_type, orjson.loads(info) if isinstance(info, str) else info)


def _report(plain: PlainOperation) -> Translated:
    message = _parsed(plain["message"]["type"], plain["message"]["info"])
    values = message.values
    inputs = (values["SourceIndex"], values["Price"], values["Timestamp"])
    return Translated(Operation((f"report_{values['MarketIndex']}",), inputs), message)
