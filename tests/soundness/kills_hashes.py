"""Kill witnesses of the table of all permutations, alone: who else is asked agrees to everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from l2forge.air.chips.poseidon2_rows import HALF_PARTIAL, ROWS
from l2forge.ledger.chips.hashes import UNUSED
from l2forge.stark.field import GENERATOR, P
from tests.ledger.state.alone import Statement, changed, hashes_of, hashes_statement, sponges
from tests.soundness.kills_poseidon2 import Fault, four_rows

Kill = Callable[[], Statement]
LAST = 7
"""The permutation that is not used."""
WIDTH = 12


def faulty(fault: Fault) -> Statement:
    """The permutation of zeros that is not used, with a fault."""
    trace = hashes_statement()[1][0]
    assert trace is not None
    trace[: 4 * WIDTH, ROWS * LAST :] = four_rows(fault)
    return changed("hashes", trace, {})


def with_cells(cells: dict[tuple[str, int], int]) -> Kill:
    """Some cells changed."""
    return lambda: hashes_of(*sponges(), cells)


def last_permutation(use: int, element: int) -> Statement:
    """The last permutation takes over the whole output before it but for one element, with this use; of use
    4, it is that of zeros but for one element."""
    inputs, uses = sponges()
    if use != UNUSED:
        before = hashes_statement()[1][0]
        assert before is not None
        inputs[:, LAST] = before[3 * WIDTH : 4 * WIDTH, ROWS * LAST - 1]
    inputs[element, LAST] = (int(inputs[element, LAST]) + 1) % P
    uses[LAST] = use
    return hashes_of(inputs, uses)


def kills_of_hashes() -> Iterator[tuple[str, Kill]]:
    """Constraint → statement."""
    for name, kill in (*_rounds(), *_uses()):
        yield f"hashes/{name}", kill


def _rounds() -> Iterator[tuple[str, Kill]]:
    for r in range(HALF_PARTIAL):
        yield f"partial{r}", lambda r=r: faulty((f"partial{r}", 0))  # type: ignore[misc]
    for group, step in (("a", "full0"), ("b", "full1"), ("c", "full2"), ("s", "row1")):
        for k in range(WIDTH):
            fault = (step, k)
            yield f"{group}[{k}]", lambda fault=fault: faulty(fault)  # type: ignore[misc]
    yield "unused_total", with_cells({(f"c[{HALF_PARTIAL}]", ROWS * LAST + 1): 1})


def _uses() -> Iterator[tuple[str, Kill]]:
    numbers = {("number", row): row // ROWS + 1 for row in range(ROWS * (LAST + 1))}
    yield "number_starts_at_0", with_cells(numbers)
    yield "number_rises", with_cells({("number", ROWS * LAST + k): LAST + 1 for k in range(ROWS)})
    # Of degree 4, what tells chains that continue is 0 at 0, 4 and 2 ± √−3.
    cube_root = pow(GENERATOR, (P - 1) // 3, P)
    yield "use_is_a_chain", with_cells({("use", 0): 2 + 2 * cube_root + 1})
    yield "use_is_0_between", with_cells({("use", 1): 1})
    yield "first_is_fresh", with_cells({("use", 0): 1})
    for k in (9, 10, 11):
        yield f"fresh_capacity[{k - 8}]", lambda k=k: last_permutation(UNUSED, k)  # type: ignore[misc]
    for k in range(2, WIDTH):
        chain = 2 if k < 6 else 3 if k < 8 else 1
        yield f"kept[{k}]", lambda k=k, chain=chain: last_permutation(chain, k)  # type: ignore[misc]
