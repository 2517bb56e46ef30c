"""Bad specs with the exact place and code of every error in them.

A row edits one of the example specs: (name, example, edits, codes). Each edit replaces a text that occurs in
the example; `¦` marks where an error is expected, and is taken out before the text is loaded. `codes` are
those of the marks in the order of the text. The row holds when these errors are found at these lines and
columns, and no other.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

MARK = "¦"
EXAMPLES = Path(__file__).parent / "examples"
ADDRESS = "0x52908400098527886e0f7030069857d2e4169ee7"
LOCAL_TO_MAINNET = (
    'kind = "anvil"                      # | "rpc" (then url = "env:NAME", chain_id)\nblock_time = "1s"',
    'kind = "rpc"\nurl = "env:L1_URL"\nchain_id = 1',
)
OWN_CHAIN_ID = ("chain_id = 88001 ", "chain_id = 3405697037 ")


class BadSpec(NamedTuple):
    """One row of the table."""

    name: str
    example: str
    edits: tuple[tuple[str, str], ...]
    codes: tuple[str, ...]

    def text(self) -> str:
        """The spec with its marks."""
        text = (EXAMPLES / f"{self.example}.toml").read_text(encoding="utf-8")
        for old, new in self.edits:
            assert old in text, f"{self.name}: {old!r} is not in {self.example}.toml"
            text = text.replace(old, new, 1)
        return text

    def expected(self) -> list[tuple[int, int, str]]:
        """(line, column, code) of every error."""
        places = []
        for line, content in enumerate(self.text().split("\n"), 1):
            parts = content.split(MARK)
            col = 1
            for part in parts[:-1]:
                col += len(part)
                places.append((line, col))
        assert len(places) == len(self.codes), self.name
        return [(*place, code) for place, code in zip(places, self.codes, strict=True)]


def _row(name: str, example: str, *edits: tuple[str, str] | str) -> BadSpec:
    codes = tuple(entry for entry in edits if isinstance(entry, str))
    return BadSpec(name, example, tuple(entry for entry in edits if not isinstance(entry, str)), codes)


BOOK, AMM, HYBRID = "order_book", "amm", "hybrid"

BAD_SPECS = [
    # The text is not TOML.
    _row("no quotes", BOOK, ('name = "alpha"', "name = ¦alpha"), "syntax"),
    _row("open string", BOOK, ('symbol = "ETH-USD"', 'symbol = "ETH-USD¦'), "syntax"),
    _row("no value", BOOK, ("id = 1\n", "id =¦\n"), "syntax"),
    _row(
        "open array",
        BOOK,
        ('modes = ["cross", "isolated"]  ', 'modes = ["cross", "isolated"  '),
        ("[liquidation]", "¦[liquidation]"),
        "syntax",
    ),
    _row("key twice", BOOK, ('taker = "4bps"', 'taker = "4bps"\n¦taker = "5bps"'), "duplicate-key"),
    _row("table twice", BOOK, ("[api]", "[¦fees]\n[api]"), "duplicate-key"),
    _row(
        "key twice in an inline table",
        BOOK,
        ("decimals = 6 }", 'decimals = 6, ¦symbol = "X" }'),
        "duplicate-key",
    ),
    _row("table where an array of tables was", BOOK, ("[api]", "[¦markets]\n[api]"), "duplicate-key"),
    _row("too deep", BOOK, ('taker = "4bps"', "taker = [[[[[[[[[[[[[[[¦[1]]]]]]]]]]]]]]]]"), "too-large"),
    # Versions and presets.
    _row("no version", BOOK, ("schema = 1\n", "\n"), ("# A central", "¦# A central"), "schema-missing"),
    _row("version zero", BOOK, ("schema = 1", "schema = ¦0"), "schema-unknown"),
    _row("version as text", BOOK, ("schema = 1", 'schema = ¦"1"'), "schema-unknown"),
    _row(
        "version of the future",
        BOOK,
        ("schema = 1", "schema = ¦2"),
        ('name = "alpha"', "name = 3"),
        "schema-too-new",
    ),
    _row(
        "misspelt preset", BOOK, ("schema = 1", 'schema = 1\nextends = ¦"preset:minimla"'), "unknown-preset"
    ),
    _row("extends a path", BOOK, ("schema = 1", 'schema = 1\nextends = ¦"../minimal.toml"'), "bad-extends"),
    _row("extends a number", BOOK, ("schema = 1", "schema = 1\nextends = ¦1.5"), "bad-extends"),
    # Keys: unknown, missing, refused by a selector.
    _row("misspelt key", BOOK, ('taker = "4bps"', '¦takre = "4bps"'), "unknown-key"),
    _row("misspelt section", BOOK, ("[governance]", "[¦governence]"), "unknown-key"),
    _row(
        "unknown key in an inline table",
        BOOK,
        ('window = "1d" }', 'window = "1d", ¦burst = 3 }'),
        "unknown-key",
    ),
    _row("unknown dotted key", BOOK, ("[liquidation]", "[liquidation]\n¦steps.max = 3"), "unknown-key"),
    _row(
        "unknown key in an array of tables",
        BOOK,
        ('symbol = "ETH-USD"', 'symbol = "ETH-USD"\n¦leverage = 20'),
        "unknown-key",
    ),
    _row(
        "unknown key in an inline array",
        BOOK,
        ('{ after = "30d",', '{ ¦name = "open", after = "30d",'),
        "unknown-key",
    ),
    _row("quoted unknown key", BOOK, ("[api]", '[api]\n¦"liste\\u006es" = "x"'), "unknown-key"),
    _row("missing key", BOOK, ('taker = "4bps"\n', ""), ("[fees]", "¦[fees]"), "missing-key"),
    _row(
        "missing key of a second market",
        BOOK,
        ('id = 1\nsymbol = "ETH-USD"\n', "id = 1\n"),
        ("[[markets]]\nid = 1", "¦[[markets]]\nid = 1"),
        "missing-key",
    ),
    _row(
        "missing key of an inline table",
        BOOK,
        ('rate_limit = { fraction = "20%", window = "1d" }', 'rate_limit = ¦{ fraction = "20%" }'),
        "missing-key",
    ),
    _row(
        "missing section",
        BOOK,
        ('[governance]\ntimelock = "14d"\n', ""),
        ("# A central", "¦# A central"),
        "missing-key",
    ),
    _row(
        "optimistic without its keys",
        AMM,
        ('challenge_window = "7d"\nbond = "10000"\nresponse_deadline = "1d"\n', ""),
        ('mode = "optimistic"', 'mode = ¦¦¦"optimistic"'),
        *["missing-key"] * 3,
    ),
    _row(
        "validium without threshold",
        HYBRID,
        ("threshold = 2\n", ""),
        ('data_availability = "validium"', 'data_availability = ¦"validium"'),
        "missing-key",
    ),
    _row(
        "http source without its keys",
        BOOK,
        (
            'kind = "simulated"                  # | "replay" | "http" | "chainlink"\n'
            'signer = "dev:10"\nstart = "60000"\nvolatility = "60%"\nseed = 1\n',
            'kind = ¦¦"http"\nsigner = "dev:10"\n',
        ),
        *["missing-key"] * 2,
    ),
    _row("rpc without its keys", BOOK, ('kind = "anvil"', 'kind = ¦¦"rpc"'), *["missing-key"] * 2),
    _row(
        "validity with a challenge window",
        BOOK,
        ('mode = "validity" ', '¦bond = "1"\nmode = "validity" '),
        "forbidden-key",
    ),
    _row(
        "calldata with a committee",
        BOOK,
        ("confirmations = 2", '¦committee = ["dev:20"]\nconfirmations = 2'),
        "forbidden-key",
    ),
    _row(
        "self-trade prevention without a book",
        AMM,
        ('model = "amm"', 'model = "amm"\n¦self_trade_prevention = "expire_maker"'),
        "forbidden-key",
    ),
    _row(
        "seed of a chainlink source",
        BOOK,
        (
            'kind = "simulated"                  # | "replay" | "http" | "chainlink"\n'
            'signer = "dev:10"\nstart = "60000"\nvolatility = "60%"\nseed = 1\n',
            'kind = "chainlink"\nsigner = "dev:10"\n'
            'feed = "0x52908400098527886e0f7030069857d2e4169ee7"\n¦seed = 1\n',
        ),
        "forbidden-key",
    ),
    _row("local chain with a URL", BOOK, ('block_time = "1s"', '¦url = "env:L1"'), "forbidden-key"),
    # Selectors that select nothing.
    _row("misspelt model", BOOK, ('model = "order_book"', 'model = ¦"orderbook"'), "unknown-choice"),
    _row(
        "misspelt mode hides nothing",
        AMM,
        ('mode = "optimistic"', 'mode = ¦"optimistc"'),
        ("confirmations = 2", 'confirmations = ¦"two"'),
        "unknown-choice",
        "wrong-type",
    ),
    _row(
        "no model",
        BOOK,
        ('model = "order_book"  ', '# "order_book"  '),
        ("[matching]", "¦[matching]"),
        "missing-key",
    ),
    _row("misspelt kind of source", BOOK, ('kind = "simulated"  ', 'kind = ¦"simulate"  '), "unknown-choice"),
    _row(
        "misspelt data availability",
        BOOK,
        ('data_availability = "calldata"', 'data_availability = ¦"celldata"'),
        "unknown-choice",
    ),
    # Types.
    _row("bare float", BOOK, ('taker = "4bps"', "taker = ¦0.0004"), "bare-float"),
    _row(
        "bare float in an inline table",
        BOOK,
        ('max_step = { fraction = "5%"', "max_step = { fraction = ¦0.05"),
        "bare-float",
    ),
    _row("bare float for an integer", BOOK, ("decimals = 6", "decimals = ¦6.0"), "bare-float"),
    _row("bare float for a word", BOOK, ('regime = "johnson"', "regime = ¦1e3"), "bare-float"),
    _row("not a number", BOOK, ("log_blowup = 4", "log_blowup = ¦nan"), "bare-float"),
    _row("integer for an amount", BOOK, ('initial = "100000"', "initial = ¦100000"), "wrong-type"),
    _row("text for an integer", BOOK, ("id = 1\n", 'id = ¦"1"\n'), "wrong-type"),
    _row("text for a boolean", BOOK, ("third_party = true", 'third_party = ¦"true"'), "wrong-type"),
    _row("boolean for an integer", BOOK, ("confirmations = 2", "confirmations = ¦true"), "wrong-type"),
    _row("date for a duration", BOOK, ('timelock = "14d"', "timelock = ¦2026-01-01"), "wrong-type"),
    _row(
        "text for a table",
        BOOK,
        ('collateral = { symbol = "USDC", decimals = 6 }', 'collateral = ¦"USDC"'),
        "wrong-type",
    ),
    _row("word for an array", BOOK, ('modes = ["cross", "isolated"]', 'modes = ¦"cross"'), "wrong-type"),
    _row(
        "table for an array of tables",
        BOOK,
        (
            'stages = [\n  { after = "0s", total_deposits = "1000000" },\n'
            '  { after = "30d", total_deposits = "100000000" },\n]',
            'stages = ¦{ after = "0s" }',
        ),
        "wrong-type",
    ),
    _row(
        "number in an array of words",
        BOOK,
        ('modes = ["cross", "isolated"]', 'modes = ["cross", ¦3]'),
        "wrong-type",
    ),
    _row(
        "table for a role",
        BOOK,
        ('operator = "dev:0"', 'operator = { address = ¦3, key = "env:K" }'),
        "wrong-type",
    ),
    # Ranges, words, units.
    _row("market id 255", BOOK, ("id = 1\n", "id = ¦255\n"), "out-of-range"),
    _row("chain id zero", BOOK, ("chain_id = 88001", "chain_id = ¦0"), "out-of-range"),
    _row("chain id beyond 32 bits", BOOK, ("chain_id = 88001", "chain_id = ¦4294967296"), "out-of-range"),
    _row("nine decimals", BOOK, ("decimals = 6", "decimals = ¦9"), "out-of-range"),
    _row("zero duration", BOOK, ('step_interval = "10s"', 'step_interval = ¦"0s"'), "out-of-range"),
    _row("initial margin above one", BOOK, ('initial = "20%"', 'initial = ¦"101%"'), "out-of-range"),
    _row("negative taker fee", BOOK, ('taker = "4bps"', 'taker = ¦"-1bps"'), "out-of-range"),
    _row("negative clamp", BOOK, ('clamp = "5bps"', 'clamp = ¦"-5bps"'), "out-of-range"),
    _row("empty array", BOOK, ('modes = ["cross", "isolated"]', "modes = ¦[]"), "wrong-length"),
    _row(
        "too many modes",
        BOOK,
        ('"isolated"]', '"isolated", "cross"]'),
        ("modes = [", "modes = ¦["),
        "wrong-length",
    ),
    _row("unknown word", BOOK, ('deleverage = "queue"', 'deleverage = ¦"queued"'), "unknown-choice"),
    _row("unknown word in an array", BOOK, ('"isolated"]', '¦"portfolio"]'), "unknown-choice"),
    _row("duration in words", BOOK, ('max_lag = "15m"', 'max_lag = ¦"15 minutes"'), "bad-duration"),
    _row("duration below a millisecond", BOOK, ('max_lag = "15m"', 'max_lag = ¦"0.0001s"'), "bad-duration"),
    _row("negative duration", BOOK, ('max_lag = "15m"', 'max_lag = ¦"-15m"'), "bad-duration"),
    _row("rate without unit", BOOK, ('price_band = "10%"', 'price_band = ¦"0.1"'), "bad-rate"),
    _row("rate finer than 10^-12", BOOK, ('taker = "4bps"', 'taker = ¦"0.000000001bps"'), "bad-rate"),
    _row("amount with exponent", BOOK, ('max_order = "5000000"', 'max_order = ¦"5e6"'), "bad-amount"),
    _row("amount with separators", BOOK, ('max_order = "5000000"', 'max_order = ¦"5,000,000"'), "bad-amount"),
    _row("negative amount", BOOK, ('close_below = "1000"', 'close_below = ¦"-1000"'), "bad-amount"),
    _row("symbol in lower case", BOOK, ('symbol = "ETH-USD"', 'symbol = ¦"eth usd"'), "bad-text"),
    _row("name with a space", BOOK, ('name = "alpha"', 'name = ¦"my venue"'), "bad-text"),
    _row("listen without port", BOOK, ('listen = "127.0.0.1:8080"', 'listen = ¦"127.0.0.1"'), "bad-text"),
    _row("port beyond 65535", BOOK, ('listen = "127.0.0.1:8080"', 'listen = ¦"127.0.0.1:80800"'), "bad-text"),
    _row("rate of calls without time", BOOK, ('rate_limit = "200/s"', 'rate_limit = ¦"200"'), "bad-text"),
    _row("workers elsewhere", BOOK, ('workers = "local"', 'workers = ¦"http://h:1"'), "bad-text"),
    # Parties and secrets.
    _row("short address", BOOK, ('recipient = "dev:3"', 'recipient = ¦"0x1234"'), "bad-address"),
    _row(
        "address with a mistyped digit",
        BOOK,
        ('recipient = "dev:3"', 'recipient = ¦"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee"'),
        "bad-address",
    ),
    _row("no such development key", BOOK, ('recipient = "dev:3"', 'recipient = ¦"dev:-1"'), "bad-address"),
    _row(
        "address as oracle signer",
        BOOK,
        ('signer = "dev:10"', 'signer = ¦"0x52908400098527886e0f7030069857d2e4169ee7"'),
        "bad-address",
    ),
    _row(
        "private key as a role",
        BOOK,
        (
            'operator = "dev:0"',
            'operator = ¦"0x4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c"',
        ),
        "secret-in-spec",
    ),
    _row(
        "private key beside an address",
        BOOK,
        (
            'operator = "dev:0"',
            'operator = { address = "0x52908400098527886e0f7030069857d2e4169ee7", key = '
            '¦"4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c" }',
        ),
        "secret-in-spec",
    ),
    _row(
        "URL with a password",
        BOOK,
        ('kind = "anvil"', 'kind = "rpc"\nchain_id = 31337\nurl = ¦"https://me:pw@node.example"'),
        "secret-in-url",
    ),
    _row(
        "URL with a key",
        BOOK,
        (
            'kind = "anvil"',
            'kind = "rpc"\nchain_id = 31337\n'
            'url = ¦"https://node.example/v3/0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"',
        ),
        "secret-in-url",
    ),
    _row(
        "URL with a query",
        BOOK,
        ('kind = "anvil"', 'kind = "rpc"\nchain_id = 31337\nurl = ¦"https://node.example/?key=1"'),
        "secret-in-url",
    ),
    _row(
        "no URL",
        BOOK,
        ('kind = "anvil"', 'kind = "rpc"\nchain_id = 31337\nurl = ¦"localhost:8545"'),
        "bad-url",
    ),
    _row(
        "development keys on mainnet",
        BOOK,
        LOCAL_TO_MAINNET,
        OWN_CHAIN_ID,
        ('signer = "dev:10"', 'signer = ¦"dev:10" '),
        ('signer = "dev:11"', 'signer = ¦"dev:11" '),
        ('signer = "dev:12"', 'signer = ¦"dev:12" '),
        ('signer = "dev:10"', 'signer = ¦"dev:10" '),
        ('signer = "dev:11"', 'signer = ¦"dev:11" '),
        ('recipient = "dev:3"', 'recipient = ¦"dev:3"'),
        ('operator = "dev:0"', 'operator = ¦"dev:0"'),
        ('guardian = "dev:1"', 'guardian = ¦"dev:1"'),
        ('governor = "dev:2"', 'governor = ¦"dev:2"'),
        *["dev-key-outside-local-chain"] * 9,
    ),
    _row(
        "operator without key",
        BOOK,
        ('operator = "dev:0"', 'operator = ¦"0x52908400098527886e0f7030069857d2e4169ee7"'),
        "operator-key-missing",
    ),
    _row("one party in two roles", BOOK, ('governor = "dev:2"', 'governor = ¦"dev:0"'), "duplicate-role"),
    _row("chain id of the L1", BOOK, ("chain_id = 88001", "chain_id = ¦31337"), "chain-id-of-l1"),
    # Sections and keys that the matching model requires or refuses.
    _row(
        "amm without its section",
        AMM,
        (
            "[amm]\n"
            'curve = "constant_product"          # virtual reserves | "oracle_pool" (oracle price '
            'plus impact, backed by LPs)\nmax_slippage = "5%"                 # per trade\n'
            'recenter = "5%"                     # a curve this far from the oracle is moved '
            'back, paid from the fee pool\nbacking = "250000"',
            "# no curve",
        ),
        ('model = "amm"', 'model = ¦"amm"'),
        "missing-section",
    ),
    _row(
        "a market without curve",
        AMM,
        (
            '[markets.amm]\ndepth = "20000000"                  # virtual collateral on each side\n'
            'max_net_exposure = "2000000"        # of the pool, at the oracle price\n\n[[oracles]]',
            "[[oracles]]",
        ),
        ('model = "amm"', 'model = ¦"amm"'),
        "missing-section",
    ),
    _row(
        "book with a curve",
        BOOK,
        ("[fees]", '[¦amm]\ncurve = "oracle_pool"\nmax_slippage = "5%"\nbacking = "1"\n\n[fees]'),
        "forbidden-section",
    ),
    _row("book with hybrid", BOOK, ("[fees]", "[¦hybrid]\n\n[fees]"), "forbidden-section"),
    _row(
        "book with a curve in a market",
        BOOK,
        ("[[markets]]\nid = 1", '[markets.¦amm]\ndepth = "1"\nmax_net_exposure = "1"\n[[markets]]\nid = 1'),
        "forbidden-section",
    ),
    _row(
        "book without maker fee",
        BOOK,
        ('maker = "-0.5bps"', '# "-0.5bps"'),
        ('model = "order_book"', 'model = ¦"order_book"'),
        "maker-fee-missing",
    ),
    _row(
        "curve with a maker fee",
        AMM,
        ('taker = "5bps"', '¦maker = "1bps"\ntaker = "5bps"'),
        "maker-fee-refused",
    ),
    _row(
        "curve without recenter",
        AMM,
        ('recenter = "5%"', '# "5%"'),
        ('curve = "constant_product"', 'curve = ¦"constant_product"'),
        "recenter-missing",
    ),
    # Fees.
    _row(
        "rebate above the taker fee",
        BOOK,
        ('maker = "-0.5bps"', 'maker = ¦"-5bps"'),
        "rebate-above-taker-fee",
    ),
    _row(
        "rebate of a tier",
        BOOK,
        ("[margin]", 'tiers = [{ volume = "1", maker = ¦"-3bps", taker = "2bps" }]\n[margin]'),
        "rebate-above-taker-fee",
    ),
    _row(
        "rebate of a market",
        BOOK,
        ("[[markets]]\nid = 1", '[markets.fees]\nmaker = ¦"-5bps"\n[[markets]]\nid = 1'),
        "rebate-above-taker-fee",
    ),
    _row(
        "fee tiers out of order",
        BOOK,
        (
            "[margin]",
            'tiers = [\n{ volume = "5", maker = "0bps", taker = "2bps" },\n'
            '{ volume = ¦"5", maker = "0bps", taker = "1bps" }]\n[margin]',
        ),
        "fee-tiers-not-rising",
    ),
    # Markets.
    _row("market id twice", BOOK, ("id = 1\n", "id = ¦0\n"), "duplicate-market-id"),
    _row(
        "margin grows from upper to lower",
        BOOK,
        (
            "[markets.funding]",
            '[markets.open_interest_margin]\nlower = "20000000"\nupper = ¦"10000000"\n[markets.funding]',
        ),
        "open-interest-margin-bounds",
    ),
    _row(
        "margin grows at once, upper first",
        BOOK,
        (
            "[markets.funding]",
            '[markets.open_interest_margin]\nupper = "5"\nlower = ¦"5"\n[markets.funding]',
        ),
        "open-interest-margin-bounds",
    ),
    _row(
        "margin grows without end",
        BOOK,
        ("[markets.funding]", '¦[markets.open_interest_margin]\nlower = "5"\n[markets.funding]'),
        "missing-key",
    ),
    _row(
        "margin grows by a rate",
        BOOK,
        (
            "[markets.funding]",
            '[markets.open_interest_margin]\nlower = ¦"5%"\nupper = ¦"0"\n¦cap = "1"\n[markets.funding]',
        ),
        "bad-amount",
        "out-of-range",
        "unknown-key",
    ),
    _row("symbol twice", BOOK, ('symbol = "ETH-USD"', 'symbol = ¦"BTC-USD"'), "duplicate-symbol"),
    _row("tick of a quarter", BOOK, ('tick_size = "0.1"', 'tick_size = ¦"0.25"'), "not-power-of-ten"),
    _row("tick of ten", BOOK, ('tick_size = "0.1"', 'tick_size = ¦"10"'), "not-power-of-ten"),
    _row("lot of 0.003", BOOK, ('lot_size = "0.00001"', 'lot_size = ¦"0.003"'), "not-power-of-ten"),
    _row(
        "tick × lot below one unit",
        BOOK,
        ('lot_size = "0.00001"', 'lot_size = ¦"0.000001"'),
        "fractional-quote",
    ),
    _row(
        "tick × lot, lot first",
        BOOK,
        ('tick_size = "0.1"\nlot_size = "0.00001"', 'lot_size = "0.000001"\ntick_size = ¦"0.1"'),
        "fractional-quote",
    ),
    _row(
        "oracle that is not there",
        BOOK,
        ('oracle = "eth"', 'oracle = ¦"etc"'),
        ('id = "eth"', 'id = ¦"eth"'),
        "unknown-oracle",
        "unused-oracle",
    ),
    _row(
        "maintenance at initial",
        BOOK,
        ('maintenance = "12%"', 'maintenance = ¦"20%"'),
        "maintenance-not-below-initial",
    ),
    _row(
        "tiers falling in size",
        BOOK,
        (
            'up_to = "1000000"\ninitial = "10%"\nmaintenance = "6%"',
            'up_to = "1000000"\ninitial = "10%"\nmaintenance = "6%"\n[[markets.margin_tiers]]\n'
            'up_to = ¦"1000000"\ninitial = "12%"\nmaintenance = "7%"',
        ),
        "margin-tiers-not-rising",
    ),
    _row(
        "tiers falling in margin",
        BOOK,
        ('initial = "20%"\nmaintenance = "12%"', 'initial = ¦"8%"\nmaintenance = ¦"5%"'),
        *["margin-tiers-not-rising"] * 2,
    ),
    _row(
        "last tier with an end",
        BOOK,
        ('initial = "20%"', 'up_to = ¦"2000000"\ninitial = "20%"'),
        "margin-tier-end",
    ),
    _row(
        "first tier without end",
        BOOK,
        ('[[markets.margin_tiers]]\nup_to = "1000000"\n', "¦[[markets.margin_tiers]]\n"),
        "margin-tier-end",
    ),
    _row(
        "smallest order above the largest",
        BOOK,
        ('max_order = "5000000"', 'max_order = ¦"5"'),
        "order-bounds",
    ),
    _row("clamp above the cap", BOOK, ('cap = "4%"', 'cap = ¦"1bps"'), "funding-cap"),
    _row(
        "interest above the cap",
        BOOK,
        (
            'interest = "0.125bps"\nclamp = "5bps"\ncap = "4%"',
            'cap = "6bps"\nclamp = "5bps"\ninterest = ¦"-7bps"',
        ),
        "funding-cap",
    ),
    _row(
        "exposure above depth",
        AMM,
        ('max_net_exposure = "2000000"', 'max_net_exposure = ¦"20000001"'),
        "exposure-above-depth",
    ),
    # Amounts on the wire and in the ledger.
    _row(
        "amount finer than the collateral",
        BOOK,
        ('min_order = "10"', 'min_order = ¦"0.0000001"'),
        "amount-too-fine",
    ),
    _row(
        "amount beyond 2^62",
        BOOK,
        ('total_deposits = "100000000" }', 'total_deposits = ¦"10000000000000" }'),
        "amount-too-large",
    ),
    _row("price beyond 32 bits", BOOK, ('start = "60000"', 'start = ¦"600000000"'), "price-out-of-range"),
    _row(
        "size beyond 40 bits",
        BOOK,
        ('open_interest_cap = "50000000"', 'open_interest_cap = ¦"400000000000"'),
        "size-out-of-range",
    ),
    # Oracles.
    _row(
        "oracle id twice",
        BOOK,
        ('id = "eth"', 'id = ¦"btc"'),
        ('oracle = "eth"', 'oracle = "btc"'),
        "duplicate-oracle-id",
    ),
    _row(
        "oracle of no market",
        BOOK,
        ('oracle = "eth"', 'oracle = "btc"'),
        ('id = "eth"', 'id = ¦"eth"'),
        "unused-oracle",
    ),
    _row("source name twice", BOOK, ('name = "sim-b"', 'name = ¦"sim-a"'), "duplicate-source"),
    _row("signer twice", BOOK, ('signer = "dev:12"', 'signer = ¦"dev:10"'), "duplicate-signer"),
    _row("quorum above the sources", BOOK, ("min_sources = 3", "min_sources = ¦4"), "quorum-above-sources"),
    _row(
        "trimmed mean without trim",
        BOOK,
        ('aggregate = "median"', 'aggregate = ¦"trimmed_mean"'),
        "aggregate-key-missing",
    ),
    _row(
        "median with trim",
        BOOK,
        ('aggregate = "median"', 'aggregate = "median"\n¦trim = 1'),
        "aggregate-key-refused",
    ),
    _row(
        "weighted median without weights",
        BOOK,
        ('aggregate = "median"', 'aggregate = ¦¦¦"weighted_median"'),
        *["aggregate-key-missing"] * 3,
    ),
    _row(
        "median with a weight",
        BOOK,
        ('name = "sim-a"', '¦weight = 2\nname = "sim-a"'),
        "aggregate-key-refused",
    ),
    _row(
        "trimming everything",
        BOOK,
        ('aggregate = "median"', 'aggregate = "trimmed_mean"\ntrim = 2'),
        ("min_sources = 3", "min_sources = ¦3"),
        "trim-too-large",
    ),
    _row("heartbeat above max_age", BOOK, ('max_age = "15s"', 'max_age = ¦"4s"'), "heartbeat-above-max-age"),
    # Proof, settlement, rollout, chain.
    _row("lag below the interval", BOOK, ('max_lag = "15m"', 'max_lag = ¦"30s"'), "lag-below-interval"),
    _row(
        "threshold above the committee",
        HYBRID,
        ("threshold = 2", "threshold = ¦4"),
        "threshold-above-committee",
    ),
    _row(
        "committee member twice",
        HYBRID,
        ('"dev:21", "dev:22"]', '"dev:21", ¦"dev:20"]'),
        "duplicate-committee-member",
    ),
    _row("first stage late", BOOK, ('{ after = "0s"', '{ after = ¦"1s"'), "first-stage-late"),
    _row("stages not later", BOOK, ('{ after = "30d"', '{ after = ¦"0s"'), "stages-not-rising"),
    _row(
        "caps falling",
        BOOK,
        ('total_deposits = "100000000" }', 'total_deposits = ¦"999999" }'),
        "stages-not-rising",
    ),
    _row(
        "dotted keys",
        BOOK,
        (
            '[rollout]\nstages = [\n  { after = "0s", total_deposits = "1000000" },\n'
            '  { after = "30d", total_deposits = "100000000" },\n]',
            "",
        ),
        ("schema = 1", 'schema = 1\nrollout.stages = [{ after = ¦"5s", total_deposits = "1" }]'),
        "first-stage-late",
    ),
    _row(
        "chain id of a public chain",
        BOOK,
        LOCAL_TO_MAINNET,
        ("chain_id = 88001 ", "chain_id = ¦42161 "),
        (
            'signer = "dev:10"',
            'signer = "0x0000000000000000000000000000000000000000000000000000000000000000000000000000000a" ',
        ),
        (
            'signer = "dev:11"',
            'signer = "0x0000000000000000000000000000000000000000000000000000000000000000000000000000000b" ',
        ),
        (
            'signer = "dev:12"',
            'signer = "0x0000000000000000000000000000000000000000000000000000000000000000000000000000000c" ',
        ),
        (
            'signer = "dev:10"',
            'signer = "0x0000000000000000000000000000000000000000000000000000000000000000000000000000000a" ',
        ),
        (
            'signer = "dev:11"',
            'signer = "0x0000000000000000000000000000000000000000000000000000000000000000000000000000000b" ',
        ),
        (
            'recipient = "dev:3"',
            'recipient = { address = "0x0000000000000000000000000000000000000004", key = "env:K" }',
        ),
        (
            'operator = "dev:0"',
            'operator = { address = "0x0000000000000000000000000000000000000001", key = "env:K" }',
        ),
        (
            'guardian = "dev:1"',
            'guardian = { address = "0x0000000000000000000000000000000000000002", key = "env:K" }',
        ),
        (
            'governor = "dev:2"',
            'governor = { address = "0x0000000000000000000000000000000000000003", key = "env:K" }',
        ),
        "reserved-chain-id",
    ),
    # Many at once: an error of type hides no other.
    _row(
        "everything at once",
        AMM,
        ("decimals = 6", 'decimals = ¦"6"'),
        ('taker = "5bps"', "taker = ¦0.0005"),
        ('recipient = "dev:3"', '¦recipent = "dev:3"'),
        ('maintenance = "6%"', 'maintenance = ¦"10%"'),
        ('symbol = "ETH-USD"', 'symbol = ¦"BTC-USD"'),
        ("min_sources = 3", "min_sources = ¦7"),
        ('kind = "simulated"  ', 'kind = ¦"sim"  '),
        ('signer = "dev:12"', 'signer = ¦"dev:11"'),
        ("seed = 2\n", "seed = ¦-2\n"),
        ('mode = "optimistic"', 'mode = ¦"optimist"'),
        ('{ after = "0s"', '{ after = ¦"1d"'),
        ('guardian = "dev:1"', 'guardian = ¦"dev:0"'),
        "wrong-type",
        "bare-float",
        "unknown-key",
        "maintenance-not-below-initial",
        "duplicate-symbol",
        "quorum-above-sources",
        "unknown-choice",
        "duplicate-signer",
        "out-of-range",
        "unknown-choice",
        "first-stage-late",
        "duplicate-role",
    ),
]
