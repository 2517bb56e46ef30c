"""Prices from a file: columns `time_ms` (Unix milliseconds, strictly rising) and `price` (a decimal).

CSV needs nothing; Parquet needs the extra `l2forge[parquet]`. The file's first row stands for the moment at
which the replay begins. Between rows the last price holds, with its own time: a gap in the file is a source
that has gone silent, and the oracle's max_age sees it.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from l2forge.errors import EnvironmentFailure, InputError
from l2forge.venue.sources.price import SeenPrice, SourceUnavailable, exact_price

COLUMNS = ("time_ms", "price")
MAX_ROWS = 20_000_000


class ReplayedPrices:
    """A file's prices, moved in time so that its first row is at `start_ms`."""

    def __init__(self, name: str, path: Path, start_ms: int) -> None:
        self.name = name
        self.start_ms = start_ms
        self.times, self.prices = read_prices(path)

    def read(self, now_ms: int) -> SeenPrice:
        """The last row that is not after now."""
        shift = self.start_ms - self.times[0]
        at = bisect_right(self.times, now_ms - shift) - 1
        if at < 0:
            raise SourceUnavailable(f"{self.name} has not begun", remedy="wait until its start")
        return SeenPrice(self.prices[at], self.times[at] + shift)


def read_prices(path: Path) -> tuple[list[int], list[Fraction]]:
    """Times and prices of a .csv or .parquet file. InputError names the first row that is wrong."""
    if not path.is_file():
        raise InputError(
            f"{path}: no such file", remedy="check the source's path, which is relative to the spec"
        )
    rows = _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)
    times: list[int] = []
    prices: list[Fraction] = []
    for number, time, price in rows:
        if len(times) == MAX_ROWS:
            raise _wrong(path, number, f"more than {MAX_ROWS:,} rows", "cut the file")
        try:
            moment = _time(time)
            value = exact_price(price)
        except ValueError as error:
            raise _wrong(path, number, str(error), "correct it, or leave the row out") from None
        if times and moment <= times[-1]:
            what = "is the time of the row above" if moment == times[-1] else "is before the row above"
            raise _wrong(path, number, f"time {moment} {what}", "sort the rows by time, one row a moment")
        times.append(moment)
        prices.append(value)
    if not times:
        raise InputError(f"{path}: no prices", remedy="give at least one row")
    return times, prices


def _time(value: Any) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 15:
        raise ValueError(f'time "{text[:40]}" is not a whole number of milliseconds')
    return int(text)


def _csv_rows(path: Path) -> Iterator[tuple[int, Any, Any]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = csv.reader(file)
            header = [cell.strip() for cell in next(lines, [])]
            at = _columns(path, header)
            for cells in lines:
                if not cells:
                    continue
                if len(cells) <= max(at):
                    raise _wrong(path, lines.line_num, f"{len(cells)} columns", f"write {', '.join(header)}")
                yield lines.line_num, cells[at[0]], cells[at[1]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a CSV file ({error})", remedy="give text in UTF-8") from None


def _columns(path: Path, names: Iterable[str]) -> tuple[int, int]:
    found = list(names)
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise InputError(
            f"{path}:1: no column {' and '.join(missing)}", remedy=f"name the columns {', '.join(COLUMNS)}"
        )
    return found.index(COLUMNS[0]), found.index(COLUMNS[1])


def _parquet_rows(path: Path) -> Iterator[tuple[int, Any, Any]]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise EnvironmentFailure(
            f"{path}: reading Parquet needs pyarrow",
            remedy="pip install 'l2forge[parquet]', or use a CSV file",
        ) from None
    try:
        file = pyarrow.parquet.ParquetFile(path)
        _columns(path, file.schema_arrow.names)
        kind = file.schema_arrow.field("price").type
        if not (
            pyarrow.types.is_decimal(kind) or pyarrow.types.is_string(kind) or pyarrow.types.is_integer(kind)
        ):
            raise InputError(
                f"{path}: prices are of type {kind}, which is not exact",
                remedy="store them as decimal128 or as text",
            )
        number = 0
        for batch in file.iter_batches(columns=list(COLUMNS)):
            for time, price in zip(*(batch.column(name).to_pylist() for name in COLUMNS), strict=True):
                number += 1
                yield number, time, _normal(price)
    except pyarrow.ArrowException as error:
        raise InputError(f"{path}: not a Parquet file ({error})", remedy="write it again") from None


def _normal(price: Any) -> Any:
    """Decimals of a wide type without the zeros that their scale adds."""
    return price.normalize() if isinstance(price, Decimal) else price


def _wrong(path: Path, row: int, what: str, remedy: str) -> InputError:
    return InputError(f"{path}:{row}: {what}", remedy=remedy)
