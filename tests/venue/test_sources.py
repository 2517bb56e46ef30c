"""Prices from simulations, files and documents: exact, or refused with the reason."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from l2forge.errors import InputError
from l2forge.spec.models.oracles import HttpSource, ReplaySource, SimulatedSource
from l2forge.venue.sources import SourceUnavailable, open_source, to_ticks
from l2forge.venue.sources.http import MAX_BYTES, HttpPrices, follow
from l2forge.venue.sources.replay import read_prices
from l2forge.venue.sources.simulated import JUMP_SIGMAS, SCALE
from l2forge.venue.sources.simulated import Path as Walk

START = 1_700_000_000_000


def simulated(name: str = "a", seed: int = 7, noise: str = "0bps") -> SimulatedSource:
    return SimulatedSource.model_validate(
        {
            "kind": "simulated",
            "name": name,
            "signer": "dev:10",
            "start": "60000",
            "volatility": "60%",
            "seed": seed,
            "noise": noise,
        }
    )


def prices(source: SimulatedSource, n: int = 50) -> list[Fraction]:
    opened = open_source(source, base=Path(), start_ms=START)
    return [opened.read(START + 1000 * k).price for k in range(n)]


# -- ticks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "tick", "ticks"),
    [
        ("60000.04", "0.1", 600_000),
        ("60000.05", "0.1", 600_001),
        ("0.0000123", "0.0000001", 123),
        ("1", "10", None),
    ],
)
def test_a_price_becomes_the_nearest_tick_and_halves_go_up(price: str, tick: str, ticks: int | None) -> None:
    if ticks is None:
        with pytest.raises(SourceUnavailable, match="half a tick"):
            to_ticks(Fraction(price), Fraction(tick))
    else:
        assert to_ticks(Fraction(price), Fraction(tick)) == ticks


# -- simulated ------------------------------------------------------------------------------------


def test_one_seed_is_one_path_and_another_seed_is_another() -> None:
    assert prices(simulated()) == prices(simulated("b"))
    assert prices(simulated(seed=8)) != prices(simulated())


def test_noise_is_a_sources_own_and_stays_near_the_path() -> None:
    clean, noisy = prices(simulated()), prices(simulated("b", noise="2bps"))
    assert prices(simulated("c", noise="2bps")) != noisy == prices(simulated("b", noise="2bps"))
    assert all(0 < abs(a / b - 1) < Fraction(12, 10_000) or a == b for a, b in zip(clean, noisy, strict=True))


def test_the_order_of_asking_changes_nothing() -> None:
    forward = open_source(simulated(noise="1bps"), base=Path(), start_ms=START)
    backward = open_source(simulated(noise="1bps"), base=Path(), start_ms=START)
    times = [START + 1000 * k for k in range(3000)]
    assert [backward.read(t) for t in reversed(times)][::-1] == [forward.read(t) for t in times]


def test_a_long_path_has_jumps_and_ordinary_steps() -> None:
    walk = Walk(3, 6 * SCALE // 10)
    steps = [abs(walk.at(k + 1) - walk.at(k)) * SCALE // walk.at(k) for k in range(40_000)]
    jumps = [step for step in steps if step > (JUMP_SIGMAS[0] - 7) * walk.deviation]
    assert 1 <= len(jumps) <= 20
    assert sorted(steps)[len(steps) // 2] < walk.deviation


def test_before_its_start_there_is_no_price() -> None:
    with pytest.raises(SourceUnavailable, match="not begun"):
        open_source(simulated(), base=Path(), start_ms=START).read(START - 1)


# -- replay ---------------------------------------------------------------------------------------


def replay(tmp_path: Path, name: str = "p.csv") -> ReplaySource:
    return ReplaySource.model_validate({"kind": "replay", "name": "r", "signer": "dev:10", "path": name})


def test_a_file_is_replayed_from_its_first_row_and_a_gap_is_silence(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("price,time_ms\n0.1,1000\n0.30,2000\n\n0.2,60000\n")
    source = open_source(replay(tmp_path), base=tmp_path, start_ms=START)
    assert source.read(START).price == Fraction(1, 10)
    late = source.read(START + 50_000)
    assert (late.price, late.time_ms) == (Fraction(3, 10), START + 1000)
    assert source.read(START + 99_000).price == Fraction(1, 5)
    with pytest.raises(SourceUnavailable, match="not begun"):
        source.read(START - 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time_ms,price\n1,2\n3,abc\n", r'p\.csv:3: "abc" is not a number'),
        ("time_ms,price\n2,2\n1,2\n", r"p\.csv:3: time 1 is before"),
        ("time_ms,price\n2,2\n2,2\n", r"p\.csv:3: time 2 is the time of the row above"),
        ("time_ms,price\n1,0\n", r"p\.csv:2: 0 is not above zero"),
        ("time_ms,price\n1,-4\n", r"p\.csv:2: -4 is not above zero"),
        ("time_ms,price\n1,NaN\n", r"p\.csv:2: NaN is not finite"),
        ("time_ms,price\n1.5,4\n", r'p\.csv:2: time "1.5" is not a whole number'),
        ("time_ms,price\n1\n", r"p\.csv:2: 1 columns"),
        ("time,price\n1,2\n", r"p\.csv:1: no column time_ms"),
        ("time_ms,price\n", r"p\.csv: no prices"),
        ("", r"p\.csv:1: no column time_ms and price"),
        ("time_ms,price\n1,1e999999\n", r"p\.csv:2: .* out of range"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_prices(tmp_path / "p.csv")


def test_a_missing_or_binary_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_prices(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"time_ms,price\n\xff\xfe,1\n")
    with pytest.raises(InputError, match="not a CSV file"):
        read_prices(tmp_path / "b.csv")


def test_parquet_is_read_exactly_and_floats_are_refused(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="the extra l2forge[parquet] is not installed")
    from pyarrow import parquet

    def write(name: str, price: object) -> Path:
        parquet.write_table(pyarrow.table({"time_ms": [1, 2], "price": price}), tmp_path / name)
        return tmp_path / name

    exact = pyarrow.array([Decimal("0.1"), Decimal("0.25")], pyarrow.decimal128(20, 10))
    assert read_prices(write("d.parquet", exact))[1] == [Fraction(1, 10), Fraction(1, 4)]
    assert read_prices(write("s.parquet", ["0.1", "3"]))[1] == [Fraction(1, 10), Fraction(3)]
    with pytest.raises(InputError, match=r"of type double, which is not exact"):
        read_prices(write("f.parquet", [0.1, 0.2]))
    with pytest.raises(InputError, match=r"s\.parquet:2: None is not a number|:2: .*not a number"):
        read_prices(write("s.parquet", ["0.1", None]))
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InputError, match="not a Parquet file"):
        read_prices(tmp_path / "x.parquet")


# -- http -----------------------------------------------------------------------------------------


@contextmanager
def server(body: bytes, status: int = 200, wait_s: float = 0.0) -> Iterator[str]:
    """A server on this machine that gives one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(wait_s)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None: ...

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{served.server_port}/ticker"
    finally:
        served.shutdown()


@pytest.mark.parametrize(
    ("body", "path", "price"),
    [
        ('{"data": [{"price": "64000.10"}]}', "data.0.price", Fraction(640_001, 10)),
        ('{"p": 0.1}', "p", Fraction(1, 10)),
        ("[[1, 2.50]]", "0.1", Fraction(5, 2)),
    ],
)
def test_a_documents_price_is_read_exactly(body: str, path: str, price: Fraction) -> None:
    with server(body.encode()) as url:
        source = HttpPrices("h", url, path)
        assert source.read(START).price == price
        source.close()


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        ("not json", "p", "not JSON"),
        ('{"p": 1', "p", "not JSON"),
        ('{"p": NaN}', "p", "NaN is not a price"),
        ('{"p": Infinity}', "p", "Infinity is not a price"),
        ('{"p": "nan"}', "p", "not finite"),
        ('{"p": -3}', "p", "-3 is not above zero"),
        ('{"p": 0}', "p", "0 is not above zero"),
        ('{"p": true}', "p", "not a number"),
        ('{"p": null}', "p", "not a number"),
        ('{"p": {"q": 1}}', "p.r", 'p has no key "r"'),
        ('{"p": [1]}', "p.1", "p is an array of 1"),
        ('{"p": 1}', "p.q", 'without "q"'),
        ('{"p": 1e99999}', "p", "out of range"),
        ("[" * 100_000, "p", "nested deeper"),
        ('{"a":' * 65 + "1" + "}" * 65, "p", "nested deeper"),
        ('{"p": "[[[" }', "p", "not a number"),
    ],
)
def test_a_document_without_a_price_is_unavailable_and_says_why(body: str, path: str, said: str) -> None:
    with server(body.encode()) as url, pytest.raises(SourceUnavailable, match=said) as failure:
        HttpPrices("h", url, path).read(START)
    assert "127.0.0.1" not in str(failure.value)  # a URL may hold a key


def test_slow_failing_absent_and_endless_servers_are_unavailable() -> None:
    with server(b"{}", wait_s=0.5) as url, pytest.raises(SourceUnavailable, match=r"within 0\.1 s"):
        HttpPrices("h", url, "p", timeout_s=0.1).read(START)
    with server(b"{}", status=500) as url, pytest.raises(SourceUnavailable, match="answered 500"):
        HttpPrices("h", url, "p").read(START)
    with server(b" " * (MAX_BYTES + 1)) as url, pytest.raises(SourceUnavailable, match="longer than"):
        HttpPrices("h", url, "p").read(START)
    with pytest.raises(SourceUnavailable, match="no connection"):
        HttpPrices("h", "http://127.0.0.1:9/", "p", timeout_s=1).read(START)


def test_a_url_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    source = HttpSource.model_validate(
        {"kind": "http", "name": "h", "signer": "dev:1", "url": "env:TICKER", "json_path": "p"}
    )
    with pytest.raises(InputError, match="TICKER is not set"):
        open_source(source, base=Path(), start_ms=START)
    with server(b'{"p": 5}') as url:
        monkeypatch.setenv("TICKER", url)
        assert open_source(source, base=Path(), start_ms=START).read(START).price == 5


def test_a_path_leads_through_objects_and_arrays() -> None:
    assert follow({"a": [{"b": 3}]}, "a.0.b") == 3
