"""Aggregation of price reports: median, trimmed mean, weighted median; pure functions of sorted reports.

Reports are prices in ticks (1 ≤ price < 2^30) at table[start : start + n], n ≤ 32, weights likewise.
"""

from __future__ import annotations

from l2forge.rules.jit import Words, rule

MAX_REPORTS = 32
MEDIAN = 0
TRIMMED_MEAN = 1
WEIGHTED_MEDIAN = 2


@rule
def sort_reports(table: Words, prices: int, weights: int, n: int) -> None:
    """Sort the first n prices in place, weights with them (insertion sort; stable, so ties keep their
    order).
    """
    for i in range(1, n):
        price = table[prices + i]
        weight = table[weights + i]
        j = i - 1
        while j >= 0 and table[prices + j] > price:
            table[prices + j + 1] = table[prices + j]
            table[weights + j + 1] = table[weights + j]
            j -= 1
        table[prices + j + 1] = price
        table[weights + j + 1] = weight


@rule
def median(table: Words, prices: int, n: int) -> int:
    """Middle of n sorted prices; of an even number the mean of the two middle ones, rounded down."""
    return (table[prices + (n - 1) // 2] + table[prices + n // 2]) // 2


@rule
def trimmed_mean(table: Words, prices: int, n: int, trim: int) -> int:
    """Mean of n sorted prices without the `trim` lowest and highest, rounded down; trim is cut to leave
    one.
    """
    trim = min(trim, (n - 1) // 2)
    total = 0
    for i in range(trim, n - trim):
        total += table[prices + i]
    return total // (n - 2 * trim)


@rule
def weighted_median(table: Words, prices: int, weights: int, n: int) -> int:
    """Lowest sorted price at which half of the total weight is reached. Weights are in [1, 2^31)."""
    total = 0
    for i in range(n):
        total += table[weights + i]
    reached = 0
    for i in range(n):
        reached += table[weights + i]
        if 2 * reached >= total:
            return table[prices + i]
    return 0


@rule
def aggregate(table: Words, prices: int, weights: int, n: int, method: int, trim: int) -> int:
    """The price of n sorted reports by `method`; 0 for none."""
    if n == 0:
        return 0
    if method == TRIMMED_MEAN:
        return trimmed_mean(table, prices, n, trim)
    if method == WEIGHTED_MEDIAN:
        return weighted_median(table, prices, weights, n)
    return median(table, prices, n)
