"""Specs that must be accepted: the twins of the table of bad ones."""

from __future__ import annotations

import pytest

from l2forge.spec import LoadedSpec, loads_spec
from l2forge.spec.models.settlement import OptimisticValidium
from tests.spec.bad_specs import ADDRESS, EXAMPLES

BOOK, AMM, HYBRID = "order_book", "amm", "hybrid"


def load(example: str, *edits: tuple[str, str]) -> LoadedSpec:
    """An example with some texts replaced."""
    text = (EXAMPLES / f"{example}.toml").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return loads_spec(text, "venue.toml")


def party(number: int) -> str:
    """A party outside a local chain."""
    return f'{{ address = "0x{number:040x}", key = "env:KEY_{number}" }}'


ON_MAINNET = (
    (
        'kind = "anvil"                      # | "rpc" (then url = "env:NAME", chain_id)\nblock_time = "1s"',
        'kind = "rpc"\nurl = "env:L1_URL"\nchain_id = 1',
    ),
    ("chain_id = 88001 ", "chain_id = 3405697037 "),
    ("decimals = 6 }", f'decimals = 6, address = "{ADDRESS}" }}'),
    *(
        (f'signer = "dev:{n}"', f'signer = {{ public_key = "0x{n:080x}", key = "file:keys/{n}" }}')
        for n in (10, 11, 12, 10, 11)
    ),
    *(
        (f'{role} = "dev:{n}"', f"{role} = {party(n + 1)}")
        for role, n in (("recipient", 3), ("operator", 0), ("guardian", 1), ("governor", 2))
    ),
)

GOOD = [
    ("the order book", BOOK),
    ("the curve", AMM),
    ("the hybrid", HYBRID),
    (
        "no rollout caps",
        BOOK,
        (
            '[rollout]\nstages = [\n  { after = "0s", total_deposits = "1000000" },\n'
            '  { after = "30d", total_deposits = "100000000" },\n]',
            "",
        ),
    ),
    ("oracle-priced pool", AMM, ('curve = "constant_product"', 'curve = "oracle_pool"')),
    ("equal caps", BOOK, ('"100000000" }', '"1000000" }')),
    ("rebate of the whole taker fee", BOOK, ('maker = "-0.5bps"', 'maker = "-4bps"')),
    ("initial margin of one", BOOK, ('initial = "20%"', 'initial = "100%"')),
    ("last market id", BOOK, ("id = 1\n", "id = 254\n")),
    ("last chain id", BOOK, ("chain_id = 88001", "chain_id = 4294967295")),
    ("tick × lot of exactly one unit", BOOK, ('lot_size = "0.0001"', 'lot_size = "0.0001"')),
    ("one tick is one", BOOK, ('tick_size = "0.1"', 'tick_size = "1"')),
    ("quorum of all", BOOK, ("min_sources = 2", "min_sources = 2")),
    ("trimmed mean", BOOK, ('aggregate = "median"', 'aggregate = "trimmed_mean"\ntrim = 1')),
    (
        "weighted median",
        BOOK,
        ('aggregate = "median"', 'aggregate = "weighted_median"'),
        *((f'name = "sim-{name}"', f'name = "sim-{name}"\nweight = {n}') for n, name in enumerate("abc", 1)),
    ),
    (
        "fee tiers",
        BOOK,
        ("[margin]", '[[fees.tiers]]\nvolume = "1000"\nmaker = "-1bps"\ntaker = "1bps"\n[margin]'),
    ),
    (
        "fees of a market",
        BOOK,
        ("[[markets]]\nid = 1", '[markets.fees]\nmaker = "0bps"\n[[markets]]\nid = 1'),
    ),
    (
        "margin that grows with open interest",
        BOOK,
        (
            "[markets.funding]",
            '[markets.open_interest_margin]\nlower = "0"\nupper = "0.000001"\n[markets.funding]',
        ),
    ),
    (
        "optimistic validium",
        AMM,
        (
            'data_availability = "calldata"',
            'data_availability = "validium"\ncommittee = ["dev:20"]\nthreshold = 1',
        ),
    ),
    (
        "other kinds of sources",
        BOOK,
        (
            'kind = "simulated"                  # | "replay" | "http" | "chainlink"\nsigner = "dev:10"\n'
            'start = "60000"\n'
            'volatility = "60%"\nseed = 1\n',
            'kind = "http"\nsigner = "dev:10"\nurl = "https://prices.example/btc"\n'
            'json_path = "data.0.price"\n',
        ),
        (
            'kind = "simulated"\nsigner = "dev:11"\nstart = "60000"\n'
            'volatility = "60%"\nseed = 1\nnoise = "2bps"\n',
            'kind = "replay"\nsigner = "dev:11"\npath = "btc.parquet"\n',
        ),
        (
            'kind = "simulated"\nsigner = "dev:12"\nstart = "60000"\n'
            'volatility = "60%"\nseed = 1\nnoise = "3bps"\n',
            f'kind = "chainlink"\nsigner = "dev:12"\nfeed = "{ADDRESS}"\n',
        ),
    ),
    (
        "a node of one's own",
        BOOK,
        ('kind = "anvil"', 'kind = "rpc"\nchain_id = 31337\nurl = "http://127.0.0.1:8545"'),
    ),
    (
        "a checksummed address",
        BOOK,
        ('recipient = "dev:3"', 'recipient = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"'),
    ),
    ("mainnet without development keys", BOOK, *ON_MAINNET),
    (
        "dotted keys",
        BOOK,
        ('[governance]\ntimelock = "14d"\n', ""),
        ("schema = 1", 'schema = 1\ngovernance.timelock = "14d"'),
    ),
    ("literal strings", BOOK, ('name = "alpha"', "name = 'alpha'")),
]


@pytest.mark.parametrize("name, example, edits", [(name, example, edits) for name, example, *edits in GOOD])
def test_a_good_spec_is_accepted(name: str, example: str, edits: list[tuple[str, str]]) -> None:
    loaded = load(example, *edits)
    assert loaded.spec is not None, "\n".join(map(str, loaded.diagnostics))
    assert not loaded.errors


def test_simulated_prices_on_mainnet_are_a_warning() -> None:
    codes = {item.code for item in load(BOOK, *ON_MAINNET).diagnostics}
    assert codes == {"simulated-source-outside-local-chain"}


def test_a_missing_token_on_mainnet_is_a_warning() -> None:
    edits = [edit for edit in ON_MAINNET if not edit[0].startswith("decimals")]
    loaded = load(BOOK, *edits)
    assert "collateral-address-missing" in {item.code for item in loaded.diagnostics}
    assert not loaded.errors


def test_values_are_exact() -> None:
    spec = load(AMM).require()
    market = spec.markets[0]
    assert market.funding.clamp.e12 == 50_000
    assert market.tick_size.units(6) == 100_000
    assert spec.proof.max_lag.ms == 900_000
    assert spec.roles.operator.dev == 0
    assert spec.api.rate_limit == "200/s"


def test_selectors_choose_the_table() -> None:
    edit = (
        'data_availability = "calldata"',
        'data_availability = "validium"\ncommittee = ["dev:20"]\nthreshold = 1',
    )
    assert isinstance(load(AMM, edit).require().settlement, OptimisticValidium)
