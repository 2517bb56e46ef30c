"""Ways to spoil a proof's bytes, with the step that must refuse each: for every verifier.

A proof is spoilt at a named part; `parts` says where the parts of a proof lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from l2forge.stark.field import P
from l2forge.stark.layout import EXT_BYTES, INTERACTION, NONCE_BYTES, ProofLayout
from l2forge.stark.opened import above, sibling_positions
from l2forge.stark.params import LOG_FOLD
from l2forge.stark.steps import Step
from l2forge.stark.verifier import CheckedProof


@dataclass(frozen=True)
class Part:
    """Bytes start … start + size − 1 of a proof; `step` refuses a proof where they are changed.

    `elements` says whether they are field elements, which a value of p or more spoils too.
    """

    name: str
    start: int
    size: int
    step: Step
    elements: bool = False


def parts(checked: CheckedProof) -> list[Part]:
    """Every part of an accepted proof, in order. The AIR must publish a list (else 6 becomes 7)."""
    found: list[Part] = []
    at = 0
    for name, size, step, elements in (*_head(checked.layout), *_body(checked)):
        if size:
            found.append(Part(name, at, size, step, elements))
        at += size
    return found


def _head(layout: ProofLayout) -> Iterator[tuple[str, int, Step, bool]]:
    node = layout.params.node_bytes
    yield "heights", len(layout.log_heights), Step.HEIGHTS, False
    yield "main root", node, Step.FINGERPRINT, False
    yield "interaction root", node * layout.has_tree(INTERACTION), Step.CONSTRAINTS, False
    yield "sums", len(layout.summed) * EXT_BYTES, Step.SUMS, True
    yield "fingerprints", len(layout.air.lists) * EXT_BYTES, Step.FINGERPRINT, True
    yield "quotient root", node, Step.CONSTRAINTS, False
    yield "openings", layout.n_openings * EXT_BYTES, Step.CONSTRAINTS, True
    for layer in range(layout.n_layers):
        yield f"layer {layer} root", node, Step.GRINDING, False
    yield "final coefficients", layout.n_final * EXT_BYTES, Step.GRINDING, True
    yield "nonce", NONCE_BYTES, Step.GRINDING, False


def _body(checked: CheckedProof) -> Iterator[tuple[str, int, Step, bool]]:
    layout, node = checked.layout, checked.layout.params.node_bytes
    positions = sorted(set(checked.openings.queries))
    for tree in layout.trees:
        for g, group in enumerate(tree.groups):
            n_rows = len(above(positions, layout.log_domain - group.log_rows))
            yield f"{tree.name} rows of group {g}", n_rows * group.width * 8, tree.step, True
        leaves = above(positions, layout.log_domain - tree.log_leaves)
        yield f"{tree.name} nodes", len(sibling_positions(leaves, tree.log_leaves)) * node, tree.step, False
    for layer in range(layout.n_layers):
        leaves = above(positions, LOG_FOLD)
        n_sent = 8 * len(leaves) - len(positions)
        yield f"layer {layer} leaves", n_sent * EXT_BYTES, Step.FRI_LAYER, True
        n_nodes = len(sibling_positions(leaves, layout.log_leaves(layer)))
        yield f"layer {layer} nodes", n_nodes * node, Step.FRI_LAYER, False
        positions = leaves


Mutation = tuple[str, Callable[[bytes], bytes], Step]
"""What is done, how, and who must notice."""


def flip(place: int, mask: int = 1) -> Callable[[bytes], bytes]:
    """Change some bits of one byte."""
    return lambda proof: proof[:place] + bytes([proof[place] ^ mask]) + proof[place + 1 :]


def overwrite(place: int, data: bytes) -> Callable[[bytes], bytes]:
    """Replace bytes."""
    return lambda proof: proof[:place] + data + proof[place + len(data) :]


def exchange(place: int, other: int, size: int) -> Callable[[bytes], bytes]:
    """Exchange two stretches of equal size."""

    def apply(proof: bytes) -> bytes:
        spoilt = bytearray(proof)
        spoilt[place : place + size] = proof[other : other + size]
        spoilt[other : other + size] = proof[place : place + size]
        return bytes(spoilt)

    return apply


def truncate(size: int) -> Callable[[bytes], bytes]:
    """Keep the first bytes."""
    return lambda proof: proof[:size]


def flips(part: Part) -> Iterator[Mutation]:
    """Flips at the first, a middle and the last byte of a part; heights are told apart by `heights`."""
    if part.name == "heights":
        return
    for place in sorted({0, part.size // 2 | 7, part.size - 1}):
        if place < part.size:
            yield f"{part.name}: flip byte {place}", flip(part.start + place), part.step


def heights(part: Part) -> Iterator[Mutation]:
    """Impossible heights, and possible ones that are not those of the proof."""
    yield "every table absent", overwrite(part.start, b"\xff" * part.size), Step.HEIGHTS
    yield "a height of 2^77", overwrite(part.start, b"\x4d"), Step.HEIGHTS
    yield "a preprocessed table of another height", flip(part.start + 1), Step.HEIGHTS
    yield "a table absent whose list is not empty", overwrite(part.start, b"\xff"), Step.PUBLIC
    yield "another height, same layers", flip(part.start + 2), Step.FINGERPRINT


def not_canonical(part: Part, proof: bytes) -> Iterator[Mutation]:
    """The same value plus p, where it fits in 64 bits, else p itself: both are refused for their form."""
    for place in range(0, part.size, 8):
        value = int.from_bytes(proof[part.start + place :][:8], "big")
        if value + P < 2**64 or place == part.size - 8:
            spoilt = (value + P if value + P < 2**64 else P).to_bytes(8, "big")
            step = Step.FORMAT if part.step <= Step.GRINDING else part.step
            yield f"{part.name}: byte {place} not canonical", overwrite(part.start + place, spoilt), step
            return


def reorderings(part: Part, node_bytes: int, proof: bytes) -> Iterator[Mutation]:
    """The first two different units of a part, exchanged."""
    unit = node_bytes if "nodes" in part.name else (8 if "rows" in part.name else EXT_BYTES)
    if part.elements or "nodes" in part.name:
        for other in range(unit, part.size - unit + 1, unit):
            first, second = proof[part.start :][:unit], proof[part.start + other :][:unit]
            if first != second and part.name != "sums":
                yield f"{part.name}: exchanged", exchange(part.start, part.start + other, unit), part.step
                return


def lengths(layout: ProofLayout, size: int) -> Iterator[Mutation]:
    """Truncated and oversized proofs."""
    head = layout.head_bytes
    for cut in sorted({0, 1, len(layout.log_heights), head // 2, head - 1}):
        yield f"cut to {cut} bytes", truncate(cut), Step.FORMAT
    for cut in sorted({head, head + 1, (head + size) // 2, size - 1}):
        yield f"cut to {cut} bytes", truncate(cut), Step.QUERIES
    yield "one byte more", lambda proof: proof + b"\0", Step.QUERIES
    yield "twice", lambda proof: proof + proof, Step.QUERIES


def all_mutations(checked: CheckedProof, proof: bytes) -> list[Mutation]:
    """Every mutation of an accepted proof."""
    layout, found = checked.layout, parts(checked)
    listed = list(heights(found[0]))
    for part in found:
        listed += flips(part)
        if part.elements:
            listed += not_canonical(part, proof)
        listed += reorderings(part, layout.params.node_bytes, proof)
    return listed + list(lengths(layout, len(proof)))
