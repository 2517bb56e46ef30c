"""Checks of keys, roles and chains: nothing made for a laptop runs elsewhere, nobody holds two offices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from l2forge.spec.checks.registry import Finding, Site, check, healthy, repeated
from l2forge.spec.diagnostics import Severity
from l2forge.spec.document import Path
from l2forge.spec.models.base import BAD
from l2forge.spec.models.operation import LOCAL_CHAIN_ID, AnvilL1, Roles
from l2forge.spec.models.settlement import OptimisticValidium, ValidityValidium
from l2forge.spec.models.spec import Spec

LOCAL_CHAIN_IDS = frozenset({1_337, LOCAL_CHAIN_ID})

# The chain ids that l2forge's own presets and examples carry.
SHIPPED_CHAIN_IDS = range(88_000, 88_200)

# Chains whose signed messages a venue's must never be mistaken for: chainlist.org, and 300 and 304 of the
# exchange whose message format the venue uses (lighter-go, its two networks).
PUBLIC_CHAIN_IDS = frozenset(
    {
        1,
        5,
        10,
        14,
        25,
        30,
        40,
        50,
        56,
        61,
        97,
        100,
        122,
        128,
        130,
        137,
        146,
        169,
        204,
        250,
        252,
        255,
        288,
        300,
        304,
    }
    | {324, 480, 592, 747, 1088, 1101, 1135, 1284, 1285, 1329, 1625, 1868, 1923, 2020, 2222, 2741, 4326, 4689}
    | {5000, 7000, 7777777, 8217, 8453, 9745, 17000, 33139, 34443, 42161, 42170, 42220, 43113, 43114, 48900}
    | {57073, 59144, 60808, 80002, 80069, 80094, 81457, 84532, 88888, 98866, 167000, 421614, 534352, 560048}
    | {660279, 11155111, 11155420, 21000000, 666666666, 1313161554}
)


def is_local(spec: Spec) -> bool:
    """Whether the L1 is a local chain: one that l2forge starts, or one with a local chain's id."""
    return isinstance(spec.l1, AnvilL1) or spec.l1.chain_id in LOCAL_CHAIN_IDS


def parties(spec: Spec) -> Iterator[tuple[Path, Any]]:
    """Everybody with a key: (path, party), as far as they can be read."""
    for name in Roles.model_fields:
        yield ("roles", name), vars(spec.roles).get(name, BAD)
    yield ("fees", "recipient"), vars(spec.fees).get("recipient", BAD)
    if isinstance(spec.settlement, ValidityValidium | OptimisticValidium):
        for index, member in healthy(spec.settlement.committee):
            yield ("settlement", "committee", index), member
    for index, sources in healthy(spec.oracles, lambda oracle: tuple(oracle.sources)):
        for number, signer in healthy(sources, lambda source: source.signer):
            yield ("oracles", index, "sources", number, "signer"), signer


@check(
    "dev-key-outside-local-chain",
    wrong='[roles]\noperator = "dev:0"\n\n[l1]\nkind = "rpc"',
    right='[roles]\noperator = { address = "0x…", key = "env:OPERATOR_KEY" }',
)
def dev_keys_stay_local(at: Site, spec: Spec) -> Iterator[Finding]:
    """Development keys are refused outside a local chain.

    "dev:N" is the N-th key of a public mnemonic: whoever reads its documentation can use it. Roles, the fees'
    recipient, oracle signers and the committee need keys of their own on any chain with value.
    """
    if is_local(spec):
        return
    everybody = list(parties(spec))
    for index, dev in healthy(everybody, lambda entry: entry[1].dev):
        if dev is None:
            continue
        path = everybody[index][0]
        name = "public_key" if path[-1] == "signer" else "address"
        message = f'"dev:{dev}" is a development key, refused outside a local chain'
        yield at.at(*path, message=message, remedy=f'write {{ {name} = "0x…", key = "env:NAME" }}')


@check(
    "operator-key-missing",
    wrong='operator = "0x52908400098527886e0f7030069857d2e4169ee7"',
    right='operator = { address = "0x52908400098527886e0f7030069857d2e4169ee7", key = "env:OPERATOR_KEY" }',
)
def operator_has_a_key(at: Site, spec: Spec) -> Iterator[Finding]:
    """The operator's key is named.

    The venue signs a transaction for every batch as its operator. Guardian and governor may be addresses
    alone, such as a multi-signature wallet.
    """
    operator = spec.roles.operator
    if operator.dev is None and operator.key is None:
        remedy = 'write { address = "0x…", key = "env:OPERATOR_KEY" }'
        yield at.at("roles", "operator", message="the operator needs a `key`", remedy=remedy)


@check(
    "duplicate-role",
    each="roles",
    wrong='operator = "dev:0"\nguardian = "dev:0"',
    right='operator = "dev:0"\nguardian = "dev:1"',
)
def roles_differ(at: Site, roles: Roles) -> Iterator[Finding]:
    """Operator, guardian and governor are three parties.

    Each holds the others in check; one key with two offices is one theft away from both.
    """
    names = list(Roles.model_fields)
    holders = [vars(roles).get(name, BAD) for name in names]
    for index, first, _ in repeated(holders, lambda party: (party.dev, party.address)):
        message = f"the {names[first]} is the same"
        yield at.finding(names[index], message=message, remedy="give each role its own key")


@check(
    "reserved-chain-id",
    wrong="[venue]\nchain_id = 1",
    right="[venue]\nchain_id = 3405697037   # random, as `l2forge new` draws it",
)
def chain_id_is_the_venues_own(at: Site, spec: Spec) -> Iterator[Finding]:
    """Outside a local chain the venue's chain id is its own.

    It is signed with every message, and is all that keeps a message for one venue from counting at another.
    1. It is not the id of a known public chain. 2. It is not one that the presets and examples of l2forge
    carry.
    """
    chain_id = spec.venue.chain_id
    if is_local(spec):
        return
    taken = chain_id in PUBLIC_CHAIN_IDS or chain_id in LOCAL_CHAIN_IDS
    if taken or chain_id in SHIPPED_CHAIN_IDS:
        whose = "a known chain" if taken else "l2forge's own examples"
        message = f"{chain_id} is the chain id of {whose}"
        yield at.at("venue", "chain_id", message=message, remedy="write a random number below 2^32")


@check(
    "chain-id-of-l1",
    wrong='[venue]\nchain_id = 31337\n\n[l1]\nkind = "anvil"',
    right="[venue]\nchain_id = 3405697037",
)
def chain_id_differs_from_l1(at: Site, spec: Spec) -> Iterator[Finding]:
    """The venue's chain id is not that of its L1.

    Wallets tell the two apart by this number.
    """
    if spec.venue.chain_id == spec.l1.chain_id:
        written = ("l1", "chain_id") in at.document.values
        key = at.later(("venue", "chain_id"), ("l1", "chain_id")) if written else ("venue", "chain_id")
        message = f"{spec.l1.chain_id} is the chain id of venue and L1"
        yield at.at(*key, message=message, remedy="write a random number below 2^32 in [venue]")


@check(
    "collateral-address-missing",
    severity=Severity.WARNING,
    wrong='collateral = { symbol = "USDC", decimals = 6 }   # on a chain reached by rpc',
    right='collateral = { symbol = "USDC", decimals = 6, address = "0x…" }',
)
def collateral_is_named(at: Site, spec: Spec) -> Iterator[Finding]:
    """Outside a local chain the collateral is an existing token.

    A local chain gets a test token. Anywhere else the venue can be built, but not launched, without an
    address.
    """
    if not is_local(spec) and spec.venue.collateral.address is None:
        message = "no token is named, and test tokens exist on local chains only"
        yield at.at("venue", "collateral", message=message, remedy='add address = "0x…"')


@check(
    "simulated-source-outside-local-chain",
    each="oracles.*.sources.*",
    severity=Severity.WARNING,
    wrong='kind = "simulated"   # on a chain reached by rpc',
    right='kind = "http"\nurl = "env:PRICE_URL"\njson_path = "data.price"',
)
def prices_are_real(at: Site, source: Any) -> Iterator[Finding]:
    """Outside a local chain a made-up price moves real money.

    `simulated` and `replay` sources are for local chains and test networks.
    """
    if source.kind in ("simulated", "replay") and not is_local(at.spec):
        message = f'a "{source.kind}" source sets the price on a chain that is not local'
        yield at.finding("kind", message=message, remedy='write kind = "http" or "chainlink"')
