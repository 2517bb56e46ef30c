"""Messages: hashes against the public signer's, and every field refused outside of its bounds."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import numpy as np
import pytest

from l2forge.ledger import messages, schnorr
from l2forge.ledger.messages import TYPES, MessageError, codes, limits
from l2forge.ledger.messages.fields import Integer
from l2forge.ledger.messages.served import REFUSED_ATTRIBUTES, REFUSED_TYPES, refuse_unserved
from l2forge.stark import poseidon2
from tests.ledger.signed_messages import MESSAGES, OTHER_MESSAGES, limbs

ALL = [*MESSAGES, *OTHER_MESSAGES]
PUBLIC_TYPES = sorted(number for number in TYPES if number < 128)
EXAMPLES: dict[int, dict[str, Any]] = {m["tx_type"]: m["tx_info"] for m in reversed(ALL)}

OWN = {
    128: {"SourceIndex": 3, "MarketIndex": 1, "Price": 65_000, "Timestamp": 1_795_374_106_959},
    131: {
        "Nonce": 7,
        "ExpiredAt": 1_795_374_106_959,
        "AccountIndex": 12,
        "ApiKeyIndex": 4,
        "TargetAccountIndex": 99,
        "MarketIndex": 1,
        "BaseAmount": 5,
        "Price": 65_000,
    },
}


def refused(tx_type: int, info: dict[str, Any]) -> MessageError:
    with pytest.raises(MessageError) as raised:
        messages.parse(tx_type, info)
    assert raised.value.reason and raised.value.remedy and raised.value.place
    return raised.value


def changed(tx_type: int, **fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(EXAMPLES[tx_type]), **fields}


def test_the_vectors_cover_every_public_type_and_every_attribute() -> None:
    assert sorted(EXAMPLES) == PUBLIC_TYPES
    seen = {int(number) for m in ALL for number in m["tx_info"]["L2TxAttributes"] or {}}
    assert seen == set(messages.attributes.ATTRIBUTES)
    orders = {m["tx_info"]["Type"] for m in ALL if m["tx_type"] == 14}
    assert orders == set(range(7))


def test_hashes_and_signatures_of_the_public_signer() -> None:
    for m in ALL:
        digest = messages.digest(m["tx_type"], m["tx_info"], m["chain_id"])
        assert digest == limbs(m["hash"]), m
        assert digest == messages.digest(m["tx_type"], json.dumps(m["tx_info"]), m["chain_id"])
    for m in OTHER_MESSAGES:
        signature = base64.b64decode(m["tx_info"]["Sig"])
        assert schnorr.verify(limbs(m["public_key"]), limbs(m["hash"]), signature)


def test_a_create_order_hashes_the_elements_of_the_design() -> None:
    info, chain_id = MESSAGES[0]["tx_info"], MESSAGES[0]["chain_id"]
    names = [
        *("Nonce", "ExpiredAt", "AccountIndex", "ApiKeyIndex", "MarketIndex", "ClientOrderIndex"),
        *("BaseAmount", "Price", "IsAsk", "Type", "TimeInForce", "ReduceOnly", "TriggerPrice", "OrderExpiry"),
    ]
    elements = messages.message_elements(14, info, chain_id)
    assert elements == [chain_id, 14, *(info[name] for name in names)]
    pairs = messages.attribute_elements({int(k): v for k, v in info["L2TxAttributes"].items()})
    assert pairs == [6, 1, 0, 0, 0, 0, 0, 0]
    outer = [*poseidon2.hash_ints(elements, 5), *poseidon2.hash_ints(pairs, 5)]
    assert messages.digest(14, info, chain_id) == tuple(poseidon2.hash_ints(outer, 5))


def test_many_messages_of_a_type_are_hashed_at_once() -> None:
    orders = [m for m in MESSAGES if m["tx_type"] == 14]
    elements = [messages.message_elements(14, m["tx_info"], m["chain_id"]) for m in orders]
    pairs = [
        messages.attribute_elements(messages.parse(14, m["tx_info"]).attributes) or [0] * 8 for m in orders
    ]
    hashes = messages.digest_rows(np.array(elements, np.uint64), np.array(pairs, np.uint64))
    assert [tuple(row) for row in hashes.tolist()] == [limbs(m["hash"]) for m in orders]


def test_amounts_are_hashed_in_halves() -> None:
    info = changed(13, Amount=(5 << 32) | 9, L2TxAttributes=None)
    assert messages.message_elements(13, info, 1)[-2:] == [9, 5]


def test_own_types() -> None:
    assert messages.message_elements(128, OWN[128], 9) == [9, 128, 3, 1, 65_000, 1_795_374_106_959]
    assert messages.message_elements(131, OWN[131], 9) == [9, 131, *OWN[131].values()]
    for number, info in OWN.items():
        secret = schnorr.secret_from_seed(bytes(32))
        digest = messages.digest(number, info, 9)
        signed = {**info, "Sig": base64.b64encode(schnorr.sign(secret, digest)).decode()}
        message = messages.parse(number, signed)
        assert message.signature is not None
        assert schnorr.verify(schnorr.public_key(secret), digest, message.signature)
    refused(128, {**OWN[128], "Sig": EXAMPLES[14]["Sig"], "L2TxAttributes": None})


def test_inputs_of_the_hash_have_one_length_for_each_type() -> None:
    for number in PUBLIC_TYPES:
        lengths = {
            len(messages.message_elements(m["tx_type"], m["tx_info"], 1))
            for m in ALL
            if m["tx_type"] == number
        }
        assert len(lengths) == 1


def test_what_a_message_says() -> None:
    info = {**EXAMPLES[13], "L2TxAttributes": {"4": 1}}
    message = messages.parse(13, info)
    assert message.account_index == info["FromAccountIndex"]
    assert (message.api_key_index, message.nonce) == (info["ApiKeyIndex"], info["Nonce"])
    assert message.skips_nonces and not messages.parse(13, {**info, "L2TxAttributes": None}).skips_nonces
    assert messages.parse(128, {**OWN[128], "Sig": info["Sig"]}).account_index == 3


FIELDS = [
    (kind.number, field)
    for kind in TYPES.values()
    for field in kind.hashed
    if isinstance(field, Integer) and kind.number in EXAMPLES
]


@pytest.mark.parametrize(("number", "field"), FIELDS, ids=lambda v: getattr(v, "name", v))
def test_a_field_outside_of_its_bounds_is_refused_with_the_clients_code(number: int, field: Integer) -> None:
    low, high = field.ranges[0][0], field.ranges[-1][1]
    error = refused(number, changed(number, **{field.name: low - 1}))
    assert (error.code, error.place) == (field.code, field.name)
    error = refused(number, changed(number, **{field.name: high + 1}))
    assert (error.code, error.place) == (field.code_high or field.code, field.name)
    for wrong in (float(low), str(low), True, None, [low]):
        assert refused(number, changed(number, **{field.name: wrong})).place == field.name
    missing = changed(number)
    del missing[field.name]
    assert field.name in refused(number, missing).reason


def test_a_market_between_perpetual_and_spot_is_refused() -> None:
    for market in (255, 2047, 4095):
        assert refused(15, changed(15, MarketIndex=market)).code == codes.INVALID_MARKET_INDEX
    messages.parse(15, changed(15, MarketIndex=2048))


ORDER = {
    "MarketIndex": 1,
    "ClientOrderIndex": 5,
    "BaseAmount": 10,
    "Price": 100,
    "IsAsk": 0,
    "Type": 0,
    "TimeInForce": 1,
    "ReduceOnly": 0,
    "TriggerPrice": 0,
    "OrderExpiry": 1_795_374_106_959,
}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"BaseAmount": 0}, codes.INVALID_BASE_AMOUNT),
        ({"TriggerPrice": 5}, codes.INVALID_TRIGGER_PRICE),
        ({"OrderExpiry": 0}, codes.INVALID_EXPIRY),
        ({"TimeInForce": 0}, codes.INVALID_EXPIRY),
        ({"Type": 1}, codes.INVALID_ORDER_TIME_IN_FORCE),
        ({"Type": 1, "TimeInForce": 0}, codes.INVALID_EXPIRY),
        ({"Type": 2, "TimeInForce": 0}, codes.INVALID_TRIGGER_PRICE),
        ({"Type": 2, "TriggerPrice": 5}, codes.INVALID_ORDER_TIME_IN_FORCE),
        ({"Type": 3, "TriggerPrice": 5, "OrderExpiry": 0}, codes.INVALID_EXPIRY),
        ({"Type": 6, "TimeInForce": 2}, codes.INVALID_ORDER_TIME_IN_FORCE),
        ({"MarketIndex": 2048, "ReduceOnly": 1}, codes.INVALID_REDUCE_ONLY),
        ({"MarketIndex": 2048, "Type": 3, "TriggerPrice": 5}, codes.INVALID_ORDER_TYPE),
    ],
)
def test_fields_of_an_order_that_contradict_each_other(fields: dict[str, int], code: codes.Code) -> None:
    messages.parse(14, changed(14, **ORDER, L2TxAttributes=None))
    assert refused(14, changed(14, **{**ORDER, **fields}, L2TxAttributes=None)).code == code


@pytest.mark.parametrize(
    ("fields", "attributes", "code"),
    [
        ({"TimeInForce": 0, "Time": 1}, None, codes.INVALID_CANCEL_ALL_TIME),
        ({"TimeInForce": 1, "Time": 0}, None, codes.INVALID_CANCEL_ALL_TIME),
        ({"TimeInForce": 1, "Time": 1}, {"5": 3}, codes.INVALID_CANCEL_ALL_TIME_IN_FORCE),
    ],
)
def test_cancel_all(fields: dict[str, int], attributes: Any, code: codes.Code) -> None:
    assert refused(16, changed(16, **fields, L2TxAttributes=attributes)).code == code


def test_an_approval_without_end_leaves_no_fee() -> None:
    assert refused(45, changed(45, ApprovalExpiry=0)).code == codes.INVALID_EXPIRY


def _group(grouping: int, *orders: dict[str, int]) -> dict[str, Any]:
    return changed(28, GroupingType=grouping, Orders=list(orders), L2TxAttributes=None)


CHILD = {
    **ORDER,
    "BaseAmount": 0,
    "IsAsk": 1,
    "Type": 2,
    "TimeInForce": 0,
    "ReduceOnly": 1,
    "TriggerPrice": 9,
    "ClientOrderIndex": 0,
}
PAIR = [{**CHILD, "BaseAmount": 10}, {**CHILD, "BaseAmount": 10, "Type": 4}]


@pytest.mark.parametrize(
    ("grouping", "orders", "code"),
    [
        (1, [ORDER], codes.INVALID_ORDER_GROUP_SIZE),
        (1, [], codes.INVALID_ORDER_GROUP_SIZE),
        (3, [ORDER, CHILD], codes.INVALID_ORDER_GROUP_SIZE),
        (1, [ORDER, {**CHILD, "IsAsk": 0}], codes.INVALID_IS_ASK),
        (1, [ORDER, {**CHILD, "BaseAmount": 3}], codes.INVALID_BASE_AMOUNT),
        (1, [ORDER, {**CHILD, "OrderExpiry": 5}], codes.INVALID_EXPIRY),
        (1, [ORDER, {**CHILD, "MarketIndex": 2}], codes.INVALID_MARKET_INDEX),
        (1, [{**ORDER, "MarketIndex": 2048}, {**CHILD, "MarketIndex": 2048}], codes.INVALID_MARKET_INDEX),
        (1, [ORDER, {**CHILD, "ClientOrderIndex": 5}], codes.INVALID_CLIENT_ORDER_INDEX),
        (1, [ORDER, {**CHILD, "Type": 0}], codes.INVALID_ORDER_TYPE),
        (1, [{**CHILD, "IsAsk": 0}, CHILD], codes.INVALID_ORDER_TYPE),
        (2, [PAIR[0], PAIR[0]], codes.INVALID_ORDER_TYPE),
        (2, [PAIR[0], {**PAIR[1], "IsAsk": 0}], codes.INVALID_IS_ASK),
        (2, [PAIR[0], {**PAIR[1], "BaseAmount": 3}], codes.INVALID_BASE_AMOUNT),
        (2, [PAIR[0], {**PAIR[1], "ReduceOnly": 0}], codes.INVALID_REDUCE_ONLY),
        (2, [PAIR[0], {**PAIR[1], "OrderExpiry": 5}], codes.INVALID_EXPIRY),
        (3, [ORDER, CHILD, CHILD], codes.INVALID_ORDER_TYPE),
    ],
)
def test_grouped_orders_that_do_not_fit(grouping: int, orders: Any, code: codes.Code) -> None:
    messages.parse(28, _group(1, ORDER, CHILD))
    messages.parse(28, _group(2, *PAIR))
    messages.parse(28, _group(3, ORDER, CHILD, {**CHILD, "Type": 4}))
    assert refused(28, _group(grouping, *orders)).code == code


@pytest.mark.parametrize(
    "attributes",
    [
        {"0": 1},
        {"9": 1},
        {"04": 1},
        {"4": 0},
        {"4": 2},
        {"4": True},
        {"4": 1.0},
        {"5": 255},
        {"6": 4},
        {"1": 1 << 48},
        {"1": 0},
        {"2": 5},
        {"1": 5, "2": 1_000_001},
        {"1": 5, "2": 5, "6": 1},
        {"6": 3, "7": 1},
        {"1": 5, "4": 1, "6": 1, "7": 1, "8": 1},
        [],
        5,
    ],
)
def test_attributes_that_are_refused(attributes: Any) -> None:
    assert refused(14, changed(14, L2TxAttributes=attributes)).place.startswith("L2TxAttributes")


def test_attributes_are_sorted_and_their_absence_is_no_attribute() -> None:
    info = changed(14, L2TxAttributes={"6": 1, "4": 1})
    assert messages.attribute_elements(messages.parse(14, info).attributes) == [4, 1, 6, 1, 0, 0, 0, 0]
    without = messages.digest(14, changed(14, L2TxAttributes=None), 1)
    assert messages.attribute_elements({}) is None
    assert messages.digest(14, changed(14, L2TxAttributes={}), 1) == without
    older = changed(14)
    del older["L2TxAttributes"]
    assert messages.digest(14, older, 1) == without


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"Nonce": 1, "Nonce": 1}',
        '{"Nonce": 1.0}',
        '{"Nonce": 1e3}',
        '{"Nonce": -0}',
        '{"Nonce": NaN}',
        '{"Nonce": 01}',
    ],
)
def test_texts_that_are_no_message(text: str) -> None:
    with pytest.raises(MessageError) as raised:
        messages.parse(14, text)
    assert raised.value.code == codes.INVALID_TX_INFO


@pytest.mark.parametrize("number", [0, 7, 21, 255, -1, "14", True, None])
def test_types_that_do_not_exist(number: Any) -> None:
    with pytest.raises(MessageError) as raised:
        messages.parse(number, "{}")
    assert raised.value.code == codes.UNSUPPORTED_TX_TYPE


def test_keys_that_do_not_belong() -> None:
    assert '"Extra"' in refused(14, changed(14, Extra=1)).reason
    assert '"SignedHash"' in refused(14, changed(14, SignedHash="")).reason
    unsigned = changed(14)
    del unsigned["Sig"]
    assert '"Sig"' in refused(14, unsigned).reason
    assert messages.parse(14, unsigned, signed=False).signature is None


def test_base64_has_one_spelling() -> None:
    signature = EXAMPLES[14]["Sig"]
    last = signature[-2]
    loose = signature[:-2] + chr(ord(last) + 1 if last.isalpha() else ord("B")) + "="
    for wrong in (
        loose,
        signature + "\n",
        signature[:-1],
        signature[4:],
        signature + "AAAA",
        "é",
        5,
        None,
        "",
    ):
        assert refused(14, changed(14, Sig=wrong)).code == codes.INVALID_SIGNATURE
    assert base64.b64decode(loose) == base64.b64decode(signature)  # what a lenient reader would take


def test_a_public_key_must_be_canonical() -> None:
    key = base64.b64encode(b"\xff" * 40).decode()
    assert refused(8, changed(8, PubKey=key)).code == codes.INVALID_PUBLIC_KEY
    assert refused(8, changed(8, PubKey="AAAA")).code == codes.INVALID_PUBLIC_KEY


@pytest.mark.parametrize("memo", [[0] * 31, [256] + [0] * 31, "0" * 64, [0.0] * 32])
def test_a_memo_is_32_bytes(memo: Any) -> None:
    assert refused(12, changed(12, Memo=memo)).place == "Memo"
    assert refused(12, changed(12, L1Sig=5)).place == "L1Sig"


@pytest.mark.parametrize("chain_id", [-1, 1 << 32, 1.0, "1", True])
def test_chain_ids(chain_id: Any) -> None:
    with pytest.raises(MessageError, match="chain_id"):
        messages.digest(14, EXAMPLES[14], chain_id)


def test_every_type_and_attribute_is_served_or_refused_by_number() -> None:
    for number in PUBLIC_TYPES:
        message = messages.parse(number, changed(number, L2TxAttributes=None))
        if number not in REFUSED_TYPES:
            refuse_unserved(message)
            continue
        with pytest.raises(MessageError, match=str(number)) as raised:
            refuse_unserved(message)
        assert raised.value.code == REFUSED_TYPES[number][0]
    for number in (*REFUSED_ATTRIBUTES, 6):
        attributes = {str(number): 1} if number not in (2, 3) else {"1": 1, str(number): 1}
        message = messages.parse(
            16 if number == 5 else 14, changed(16 if number == 5 else 14, L2TxAttributes=attributes)
        )
        with pytest.raises(MessageError, match="L2TxAttributes"):
            refuse_unserved(message)
    refuse_unserved(messages.parse(14, changed(14, L2TxAttributes={"4": 1})))
    refuse_unserved(
        messages.parse(14, changed(14, L2TxAttributes={"6": 1})), self_trade_behavior=limits.EXPIRE_TAKER
    )


def test_changing_a_key_is_answered_with_the_l1_path() -> None:
    with pytest.raises(MessageError, match="L1 request") as raised:
        refuse_unserved(messages.parse(8, EXAMPLES[8]))
    assert raised.value.code.number == 21504
