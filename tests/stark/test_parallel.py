"""Ranges cover every item once, whatever the number of threads; errors come through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from l2forge.stark import parallel


@pytest.fixture(autouse=True)
def restored_threads() -> Iterator[None]:
    yield
    parallel.set_n_threads(0)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize(("n_items", "granule"), [(0, 1), (1, 1), (7, 1), (100, 16), (1000, 64), (64, 64)])
def test_ranges_cover_every_item_once(threads: int, n_items: int, granule: int) -> None:
    parallel.set_n_threads(threads)
    ranges: list[tuple[int, int]] = []
    parallel.run_blocks(lambda a, b: ranges.append((a, b)), n_items, granule=granule)
    assert sorted(i for a, b in ranges for i in range(a, b)) == list(range(n_items))
    assert all(a % granule == 0 for a, _ in ranges)


def test_an_error_in_a_range_is_raised() -> None:
    parallel.set_n_threads(2)

    def fail(start: int, stop: int) -> None:
        if start <= 5 < stop:
            raise RuntimeError("range of item 5")

    with pytest.raises(RuntimeError, match="item 5"):
        parallel.run_blocks(fail, 8)


def test_a_negative_number_of_threads_is_refused() -> None:
    with pytest.raises(ValueError, match="threads"):
        parallel.set_n_threads(-1)
    assert parallel.n_threads() >= 1
