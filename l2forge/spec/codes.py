"""The codes of findings that no single check makes: the file, the text, keys, types and units."""

from __future__ import annotations

from l2forge.spec.catalogue import define
from l2forge.spec.diagnostics import Severity

# The file and its text.
define(
    "file-missing",
    "There is no such file",
    "The path does not lead to a file. A relative path counts from the directory in which the command runs.",
    "l2forge check venu.toml",
    "l2forge check venue.toml",
)
define(
    "file-is-directory",
    "A directory where a spec belongs",
    "A spec is one file. The directory of a venue holds it as venue.toml.",
    "l2forge check my-venue/",
    "l2forge check my-venue/venue.toml",
)
define(
    "file-unreadable",
    "The file cannot be read",
    "The operating system refuses: permissions, a device, a disk that is gone.",
    "chmod 000 venue.toml && l2forge check venue.toml",
    "chmod 644 venue.toml && l2forge check venue.toml",
)
define(
    "file-too-large",
    "The file is larger than any spec",
    "A spec with 255 markets has about 200 KB; more than 1 MiB is another kind of file.",
    "l2forge check trades.toml   # 50 MB",
    "l2forge check venue.toml",
)
define(
    "not-utf8",
    "The file is not UTF-8",
    "TOML is UTF-8 text. The place is that of the first byte that is not.",
    "venue.toml saved as UTF-16 or Latin-1",
    "venue.toml saved as UTF-8 (a byte-order mark at the start is ignored)",
)
define(
    "not-text",
    "The file is binary",
    "A zero byte never occurs in text.",
    "l2forge check l2forge.whl",
    "l2forge check venue.toml",
)
define(
    "too-large",
    "The document is larger or deeper than a spec can be",
    "Limits keep the check of any file fast: 16 levels, 20,000 keys and values, 200 characters for a "
    "key or number.",
    "a = [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
    "a = [1]",
)
define(
    "syntax",
    "The text is not TOML",
    "The place is where it stops being TOML; what is wrong may stand just before.",
    "name = alpha",
    'name = "alpha"',
)
define(
    "duplicate-key",
    "A key or table is written twice",
    "TOML allows each key once, and a table in one form: [table] or [[array of tables]].",
    '[fees]\ntaker = "4bps"\ntaker = "5bps"',
    '[fees]\ntaker = "5bps"',
)
# Versions and presets.
define(
    "schema-missing",
    "The spec does not say its version",
    "The version of the format decides how every other key is read.",
    '[venue]\nname = "alpha"',
    'schema = 1\n\n[venue]\nname = "alpha"',
)
define("schema-unknown", "No version of the format", "Versions count from 1.", "schema = 0", "schema = 1")
define(
    "schema-too-new",
    "The spec is newer than this l2forge",
    "Its keys may mean what this version cannot know, so nothing else is checked.",
    "schema = 7",
    "pip install --upgrade l2forge",
)
define(
    "schema-migrated",
    "An older spec was read as a newer version",
    "The file is unchanged. Write the new version into it when you next change it, and look at what the "
    "notes say.",
    "schema = 1   # where the present version is 2",
    "schema = 2",
    Severity.NOTE,
)
define(
    "bad-extends",
    "`extends` does not name a preset",
    "A spec can be laid on a preset that travels with l2forge, so that it stays complete wherever it is "
    "read.",
    'extends = "../other.toml"',
    'extends = "preset:minimal"',
)
define(
    "unknown-preset",
    "There is no such preset",
    "`l2forge presets` lists them.",
    'extends = "preset:minimla"',
    'extends = "preset:minimal"',
)
define(
    "extends-cycle",
    "A preset extends itself",
    "Directly or through others, it would never end.",
    'extends = "preset:a"   # in preset a',
    "no such line in preset a",
)
# Keys.
define(
    "missing-key",
    "A key or section is missing",
    "It has no default, since it decides about money, trust or identity. Where a selector (`model`, "
    "`mode`, `kind`, "
    "`data_availability`) asks for it, the place is the selector.",
    '[settlement]\nmode = "optimistic"\ndata_availability = "calldata"',
    '[settlement]\nmode = "optimistic"\ndata_availability = "calldata"\nchallenge_window = "7d"\n'
    'bond = "10000"\nresponse_deadline = "1d"',
)
define(
    "unknown-key",
    "There is no such key here",
    "An unknown key would have no effect, and a reader of the spec would believe that it had.",
    '[fees]\ntakre = "4bps"',
    '[fees]\ntaker = "4bps"',
)
define(
    "forbidden-key",
    "A selector refuses this key",
    "The key belongs to another `model`, `mode`, `kind` or `data_availability`.",
    '[settlement]\nmode = "validity"\nchallenge_window = "7d"',
    '[settlement]\nmode = "validity"',
)
# Types and units.
define(
    "wrong-type",
    "A value of another type belongs here",
    "Nothing is converted in silence: integers stand plain, values with units in quotes, true and false "
    "plain.",
    'decimals = "6"\ninitial = 100000',
    'decimals = 6\ninitial = "100000"',
)
define(
    "bare-float",
    "A number with a point outside quotes",
    "Binary floating point cannot hold 0.1. Rates, amounts and prices are exact decimals, written as text.",
    "taker = 0.0004",
    'taker = "4bps"',
)
define(
    "out-of-range",
    "The value is out of range",
    "The message says the range; docs/spec.md says it for every key.",
    "decimals = 18",
    "decimals = 6",
)
define(
    "wrong-length",
    "An array with too many or too few entries",
    "The message says the limit; docs/spec.md says it for every array.",
    "sources = []",
    "[[oracles.sources]]\n# ...",
)
define(
    "unknown-choice",
    "None of the words that may stand here",
    "The key takes one of a few words.",
    'mode = "optimistc"',
    'mode = "optimistic"',
)
define(
    "bad-duration",
    "Not a duration",
    "A number and one of ms, s, m, h, d, exact to the millisecond.",
    'heartbeat = "5 seconds"',
    'heartbeat = "5s"',
)
define(
    "bad-rate",
    "Not a rate",
    "A decimal and % or bps (1bps = 0.01%), exact to 10^-12. A rate without a unit could be read in two "
    "ways.",
    'taker = "0.0004"',
    'taker = "4bps"',
)
define(
    "bad-amount",
    "Not an amount",
    "Plain decimal digits: no sign, no exponent, no separators, at most 18 digits on each side of the point.",
    'initial = "1e5"\nmin_order = "-10"',
    'initial = "100000"\nmin_order = "10"',
)
define(
    "bad-text",
    "The text has another form",
    "The message says which form belongs here.",
    'symbol = "btc usd"',
    'symbol = "BTC-USD"',
)
define(
    "bad-address",
    "Not an address, a public key or a development key",
    "An address is 0x and 40 hexadecimal digits; in mixed case its checksum (EIP-55) must be right. An "
    "oracle signer "
    'is an ecGFp5 public key, 0x and 80 digits. On a local chain "dev:N" is the N-th development key.',
    'operator = "0x1234"',
    'operator = "dev:0"',
)
define(
    "bad-url",
    "Not a URL",
    "http, https, ws or wss with a host, or a reference to where the URL is.",
    'url = "localhost"',
    'url = "env:L1_URL"',
)
define(
    "secret-in-spec",
    "A secret stands in the spec",
    "A spec is published: its hash is in the contract and anyone may want to read what it says. Secrets "
    "are named, "
    "never written. A key that stood in a file under version control is no longer secret: replace it.",
    'key = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"',
    'key = "env:OPERATOR_KEY"',
)
define(
    "secret-in-url",
    "A URL may carry a secret",
    "Users, passwords, queries and long key-like parts of a path are how services hand out access.",
    'url = "https://node.example/v3/0123456789abcdef0123456789abcdef"',
    'url = "env:L1_URL"',
)
define(
    "more-findings",
    "There are more findings than are printed",
    "A text with hundreds of errors is more likely another file; mend the first ones and look again.",
    "l2forge check pyproject.toml",
    "l2forge check venue.toml",
)
