"""Kill witnesses of the signature chips.

A fault in a block without a signature, or in a key that nobody uses, breaks the chain of one step; a fault
that matters only for what is asked is put into the block with the signature, and what it asks follows it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from l2forge.ledger import ecgfp5, fp5
from l2forge.ledger.chips.multiples import GENERATOR_ENCODING
from l2forge.ledger.chips.signature import CUTS, UNUSED
from l2forge.ledger.chips.signature_points import N_MULTIPLES, N_WINDOWS, OFFSET, WINDOW_BITS
from l2forge.ledger.fp5 import Fp5
from l2forge.stark.field import P
from tests.ledger.signature_oracle import Affine, Faults, Key, Signature, plus, unit
from tests.ledger.signature_statements import Statement, bare, first_block, generator, key, one_signature
from tests.soundness.statements import trace_of

Kill = Callable[[], Statement]
MIDDLE = 17
"""A row without a cut."""
LAST = N_WINDOWS - 1


def faulty(faults: Faults, e: int | None = None) -> Statement:
    """The signature, and a block without one that has the faults."""
    true = one_signature()
    bad = Signature(true.encoding, true.digest, true.s, true.e if e is None else e, faults)
    return bare([first_block(), first_block(bad)], [generator(), key(true.encoding)])


def asking(faults: Faults, *, times: int = 1, twice: bool = False) -> Statement:
    """The signature with the faults, and a block without one; `twice`: its key has the numbers 1 and 2."""
    true = one_signature()
    bad = Signature(true.encoding, true.digest, true.s, true.e, faults)
    keys = [generator(), *[key(true.encoding)] * (1 + twice)]
    return bare([first_block(bad), first_block()], keys, times=times)


def with_key(unused: Key) -> Statement:
    """The signature, and a key that nobody uses."""
    block = first_block()
    return bare([block, block], [generator(), key(one_signature().encoding), unused])


def every_row(change: Callable[[int], int], name: str) -> Faults:
    """A fault on each row: value → change(row)."""
    return {(name, row): lambda _, row=row: change(row) for row in range(N_WINDOWS)}  # type: ignore[misc]


def bent_point(which: int, k: int) -> Callable[[Affine], Affine]:
    """One coefficient of x (0) or y (1) of a point, 1 larger."""

    def bend(point: Affine) -> Affine:
        moved = list(point)
        moved[which] = fp5.add(point[which], unit(k))
        return moved[0], moved[1]

    return bend


def same_first_coefficient(pair: tuple[Affine, Affine]) -> tuple[Affine, Affine]:
    """An entry whose x agrees in coefficient 0 with the point that it is added to."""
    entry, point = pair
    return ((point[0][0], *entry[0][1:]), entry[1]), point


def kills_of_signature() -> Iterator[tuple[str, Kill]]:
    """A witness for every constraint of the table `signature`."""
    for name, kill in _chain_kills():
        yield f"signature/{name}", kill
    for name, kill in _challenge_kills():
        yield f"signature/{name}", kill
    yield "signature/is_real_boolean", lambda: asking(every_row(lambda _: 2, "is_real"), times=2)
    yield "signature/is_real_kept", lambda: asking(every_row(lambda row: int(row < 32), "is_real"))
    yield "signature/key_kept", lambda: asking(every_row(lambda row: 1 + row // 32, "key"), twice=True)
    for k in range(20 - UNUSED):
        yield f"signature/unused{k}", lambda k=k: faulty({(f"frame{UNUSED + k}", 0): lambda v: v + 1})


def _chain_kills() -> Iterator[tuple[str, Kill]]:
    for k in range(5):
        for step in range(2, WINDOW_BITS + 1):
            yield f"double{step}[{k}]", lambda s=step, k=k: faulty({(f"double{s}", MIDDLE): plus(unit(k))})
        for which, name in enumerate("xy"):
            for what, row in (("starts", LAST), ("carried", MIDDLE)):
                yield (
                    f"{what}_{name}[{k}]",
                    lambda which=which, k=k, row=row: faulty({("start", row): bent_point(which, k)}),
                )
    yield "distinct", lambda: faulty({("key_entry", MIDDLE): same_first_coefficient})


def _challenge_kills() -> Iterator[tuple[str, Kill]]:
    def one_more(value: int) -> int:
        return (value + 1) % P

    for k in range(WINDOW_BITS):

        def two(bits: list[int], k: int = k) -> list[int]:
            return [2 if i == k else bit for i, bit in enumerate(bits)]

        yield f"bits[{k}]/boolean", lambda two=two: faulty({("bits", MIDDLE): two})
    yield "half_starts", lambda: faulty({("half", LAST): one_more})
    yield "half", lambda: faulty({("half", MIDDLE): one_more})
    yield "high", lambda: faulty({("high", CUTS[3][0]): one_more})
    for k in range(5):
        # The same element as the canonical 5, but another number.
        e = one_signature().e & ~((2**64 - 1) << (64 * k)) | (P + 5) << (64 * k)
        yield f"canonical{k}", lambda e=e: faulty({}, e)
        if k:
            yield f"limb{k}", lambda k=k: faulty({(f"limb{k}", CUTS[2 * k][0]): one_more})


def kills_of_multiples() -> Iterator[tuple[str, Kill]]:
    """A witness for every constraint of the table `multiples`."""
    for k in range(5):
        yield f"multiples/on_curve[{k}]", lambda k=k: with_key(off_curve(k))
        yield f"multiples/chord[{k}]", lambda k=k: with_key(used({("chord", N_MULTIPLES - 1): plus(unit(k))}))
        for which, name in enumerate("xy"):
            yield (
                f"multiples/starts_{name}[{k}]",
                lambda which=which, k=k: with_key(used({("starts", 0): bent_point(which, k)})),
            )
            yield (
                f"multiples/step_{name}[{k}]",
                lambda name=name, k=k: with_key(used({(f"step_{name}", MIDDLE): plus(unit(k))})),
            )
        yield f"multiples/encoding_kept[{k}]", lambda k=k: with_key(two_keys(k))
        yield f"multiples/generator[{k}]", lambda k=k: other_generator(k)
    yield "multiples/distinct", lambda: with_key(same_coefficient_as_offset())
    yield "multiples/number_starts_at_0", numbers_from_minus_one
    yield "multiples/number_rises", number_that_jumps


def used(faults: Faults) -> Key:
    """The signature's key again, with faults."""
    return Key.of(one_signature().encoding, faults)


def off_curve(k: int) -> Key:
    """w²·x = x² + 2x + 263z + c·z^k."""
    x = fp5.square(fp5.element(1, 2, 3, 4, 5))
    right = fp5.add(fp5.mul(fp5.add(x, ecgfp5.A), x), ecgfp5.B)
    for c in range(1, 100):
        w = fp5.sqrt(fp5.divide(fp5.add(right, unit(k, c)), x))
        if w is not None:
            return Key(w, (x, fp5.neg(fp5.mul(w, x))))
    raise AssertionError("every second number is a square")


def neighbour(encoding: Fp5, k: int) -> Fp5:
    """An encoding of another point that differs in coefficient k."""
    for c in range(1, 100):
        other = fp5.add(encoding, unit(k, c))
        try:
            ecgfp5.decode(other)
        except ecgfp5.InvalidPoint:
            continue
        return other
    raise AssertionError("every second encoding has a point")


def two_keys(k: int) -> Key:
    """A block whose second half is of another key."""
    true = one_signature().encoding
    other = neighbour(true, k)
    point = ecgfp5.decode(other)
    assert point is not None
    rows = range(N_MULTIPLES // 2, N_MULTIPLES)
    faults: dict[tuple[str, int], Callable[[Fp5], Fp5]] = {}
    for row in rows:
        faults["encoding", row] = lambda _: other
        faults["x", row] = lambda _, x=point[0]: x  # type: ignore[misc]
    return Key.of(true, faults)


def other_generator(k: int) -> Statement:
    """A signature for a generator that differs from G in one coefficient of its encoding."""
    base = key(neighbour(GENERATOR_ENCODING, k))
    block = first_block(base=base)
    return bare([block, block], [base, key(one_signature().encoding)])


def same_coefficient_as_offset() -> Key:
    """A key whose x begins like that of T, so that T + P has no inverse to show."""
    rng = random.Random(5)
    while True:
        x = fp5.element(OFFSET[0][0], *(rng.randrange(P) for _ in range(4)))
        right = fp5.add(fp5.mul(fp5.add(x, ecgfp5.A), x), ecgfp5.B)
        w = fp5.sqrt(fp5.divide(right, x)) if fp5.legendre(x) == 1 else None
        if w is not None:
            return Key.of(w)


def numbers_from_minus_one() -> Statement:
    """G as number −1 and as number 0."""
    block = first_block()
    keys = [generator(), generator(), key(one_signature().encoding)]
    return bare([block, block], keys, first_number=-1)


def number_that_jumps() -> Statement:
    """An unused block with a number of its own."""
    air, traces, public = with_key(key(one_signature().encoding))
    trace = trace_of(traces, air, "multiples")
    trace[air.table("multiples").columns.index("number"), 3 * N_MULTIPLES :] += 5
    return air, traces, public
