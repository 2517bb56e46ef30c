"""The table of all Poseidon2 permutations of a proof, four rows each, and what its users say.

A user names a permutation by its number. It sends the block that the permutation absorbs, and how, on the bus
`hash_input`, and the first elements of what comes out on `hash_output4` or `hash_output5`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import mul
from typing import Any

from l2forge.air.chip import Chip, Row
from l2forge.air.chips.poseidon2_layers import WIDTH, external_layer_inverse
from l2forge.air.chips.poseidon2_rows import enforce_rounds, gates
from l2forge.air.columns import Columns
from l2forge.air.graph import Expr
from l2forge.stark.field import P

HASH_INPUT, HASH_OUTPUT4, HASH_OUTPUT5 = "hash_input", "hash_output4", "hash_output5"
RATE = 8
FRESH, NEXT, NEXT_TWO, NEXT_SIX = range(4)
"""`chain`: a fresh sponge, or the permutation before continued with 8, 2 or 6 elements overwritten."""
UNUSED = 4
"""What `use` is, instead of a chain, in the first row of a permutation that nobody uses."""
OVERWRITTEN = {FRESH: 8, NEXT: 8, NEXT_TWO: 2, NEXT_SIX: 6, UNUSED: 8}
"""How many elements of the rate are new."""

MESSAGE_TAG, NODE_TAG, LEAF_TAG = 0, 3, 8
"""Tags; that of a leaf is 8 + its kind."""


def absorb(
    b: Any,
    number: Expr,
    chain: Expr | int,
    tag: Expr | int,
    block: Sequence[Expr | int],
    multiplicity: Expr | int,
) -> None:
    """State that permutation `number` absorbs `block` (8 elements).

    chain 0: its capacity is (tag, 0, 0, 0). Else it continues permutation number − 1, whose capacity it
    keeps, and tag must be 0; 2 and 3: elements 2 … 7, or 6 and 7, of the rate are kept too, and are 0 in
    `block`.
    Each number is absorbed once; `multiplicity` is boolean.
    """
    b.send(HASH_INPUT, [number, chain, tag, *block], multiplicity)


def digest4(b: Any, number: Expr, digest: Sequence[Expr | int], multiplicity: Expr | int) -> None:
    """State that the first 4 outputs of permutation `number` are `digest`; at most once a number, and not
    beside `digest5`."""
    b.send(HASH_OUTPUT4, [number, *digest], multiplicity)


def digest5(b: Any, number: Expr, digest: Sequence[Expr | int], multiplicity: Expr | int) -> None:
    """State that the first 5 outputs of permutation `number` are `digest`; as `digest4`."""
    b.send(HASH_OUTPUT5, [number, *digest], multiplicity)


def interpolated(x: Expr, values: Sequence[int]) -> Expr:
    """The polynomial with values[k] at x = k, in Newton's form: Σ_k Δ^k·(x choose k)."""
    differences, choose, result = list(values), 1 + x * 0, x * 0 + values[0]
    for k in range(1, len(values)):
        differences = [after - here for here, after in pairwise(differences)]
        choose = choose * (x - (k - 1)) * pow(k, -1, P)
        result = result + choose * differences[0]
    return result


def _continues(use: Expr, n_uses: int = UNUSED + 1) -> Expr:
    """1 for a chain that continues the permutation before, else 0, for use < n_uses."""
    return interpolated(use, [0, 1, 1, 1, 0][:n_uses])


def _keeps(use: Expr, k: int, n_uses: int = UNUSED + 1) -> Expr:
    """1 for a chain that keeps element k of the rate, else 0, for use < n_uses."""
    return interpolated(use, [int(k >= OVERWRITTEN[u]) for u in range(n_uses)])


class Hashes(Chip):
    """Poseidon2 permutations over four rows each, numbered 0, 1, 2, …, each absorbing one block.

    1. The columns s, a, b, c hold the rounds as `air.chips.poseidon2_rows` says. What goes in, x, is the
       inverse of the first external layer at s of row 0; what comes out is c of row 3.
    2. `number` is 0 in the first permutation and rises by 1 from one to the next.
    3. `use` of row 0 is 0 … 3, the permutation's chain, or 4: nobody uses it. In rows 1 and 2 it is 0.
    4. A permutation of chain 0 or 4 has capacity elements x9 … x11 = 0; x8 is its tag.
    5. A permutation of chain 1 … 3 has as capacity x8 … x11 that of the output before it; of chain 2 also
       x2 … x7, of chain 3 x6 and x7. The table's first permutation has no output before it, so no such chain.
    6. Row 0 answers once, unless `use` is 4: (number, chain, tag, x), with 0 for the tag of a permutation
       that continues another and for what it keeps.
    7. Row 3 answers for the output: use·(2 − use) times with 4 elements, use·(use − 1)/2 times with 5.
    Soundness: users send with boolean multiplicities. In row 3 `use` is free, as the count of any table that
    is looked up: a tuple that no permutation has would have to be sent 0 mod p times, and fewer than 2^24
    rows send it with a few interactions each. Numbers are distinct, as the table has fewer than p rows.
    """

    name = "hashes"
    columns = Columns(
        s=f"field[{WIDTH}]",
        a=f"field[{WIDTH}]",
        b=f"field[{WIDTH}]",
        c=f"field[{WIDTH}]",
        number="field",
        use="field",
    )
    min_log_height = 2

    def __init__(self) -> None:
        self.periodic = gates()

    def constrain(self, b: Any, row: Row, next: Row) -> None:
        enforce_rounds(b, row, next)
        row0, row3 = b.periodic("row0"), b.periodic("row3")
        b.enforce_first("number_starts_at_0", row.number)
        b.enforce("number_rises", next.number - row.number - row3)
        b.enforce("use_is_a_chain", row0 * reduce(mul, [row.use - k for k in OVERWRITTEN]))
        b.enforce("use_is_0_between", (1 - row0 - row3) * row.use)
        b.enforce_first("first_is_fresh", _continues(row.use))
        self._continue(b, row, next)
        state = external_layer_inverse(row.s)
        for k in range(RATE + 1, WIDTH):
            b.enforce(f"fresh_capacity[{k - RATE}]", row0 * (1 - _continues(row.use)) * state[k])
        # What an unused permutation would answer does not matter: one degree less.
        tag = state[RATE] * (1 - _continues(row.use, UNUSED))
        block = [x * (1 - _keeps(row.use, k, UNUSED)) for k, x in enumerate(state[:RATE])]
        is_used = interpolated(row.use, (1, 1, 1, 1, 0))
        b.receive(HASH_INPUT, [row.number, row.use, tag, *block], row0 * is_used)
        b.receive(HASH_OUTPUT4, [row.number, *row.c[:4]], row3 * interpolated(row.use, (0, 1, 0)))
        b.receive(HASH_OUTPUT5, [row.number, *row.c[:5]], row3 * interpolated(row.use, (0, 0, 1)))

    def _continue(self, b: Any, row: Row, next: Row) -> None:
        """What a permutation in the next rows keeps of this output."""
        row3, state = b.periodic("row3"), external_layer_inverse(next.s)
        for k in range(WIDTH):
            keeps = _continues(next.use) if k >= RATE else _keeps(next.use, k)
            if k >= min(OVERWRITTEN.values()):
                b.enforce(f"kept[{k}]", row3 * keeps * (state[k] - row.c[k]))
