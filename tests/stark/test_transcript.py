"""The transcript: its order is the page's, its challenges follow its formula, its vectors are fixed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from eth_hash.auto import keccak

from l2forge.stark.ext import Ext
from l2forge.stark.field import P
from l2forge.stark.transcript import (
    ProtocolTranscript,
    Transcript,
    ext_bytes,
    grinding_digest,
    has_leading_zeros,
)
from tests.soundness.toy import prove_toy, small_parameters, toy_statement

# Computed with keccak-256 alone, following the page.
VECTORS: dict[str, Any] = {
    "T3": "98c63bc481feb64ee608796a8ba3e91fac318465213b21a0f08e5f120bd67626",
    "alpha": [7218530757458880195, 6989696185921218811, 9522763872586481359],
    "rho": [15000819772919414158, 8444737868271832311, 3916429222126179524],
    "gamma": [264116793864586536, 17699092419089252835, 7432787868757248846],
    "queries": [780349, 336588, 904675, 705560, 1139121, 556548, 393165, 764097, 1787919],
}

PAGE = Path(__file__).parent.parent.parent / "docs" / "protocol.md"
ROW = re.compile(r"^\| (T\d+) \|([^|]*)\|([^|]*)\|$", re.MULTILINE)
DRAWN = re.compile(r"[αβργλ]|ζ_l|\bz\b|queries")


def page_order(n_layers: int) -> list[tuple[str, str]]:
    """What the table of section 3 says happens, in order."""
    order: list[tuple[str, str]] = []
    for row, sent, drawn in ROW.findall(PAGE.read_text()):
        events = [(row, "absorb")] if "absorb" in sent or "keccak" in sent else []
        names = list(dict.fromkeys(DRAWN.findall(drawn.split(":")[0])))
        events += [(row, name) for name in names]
        order += events * (n_layers if row == "T8" else 1)
    return order


@pytest.mark.parametrize("log_steps", [4, 6])
def test_the_order_is_that_of_the_page(log_steps: int) -> None:
    traces, public = toy_statement(log_steps, 3, 1)
    params = small_parameters(log_final=3)
    prover, _ = prove_toy(traces, public, params)
    n_layers = params.n_layers(log_steps)
    assert n_layers >= 1
    assert prover.transcript.log == page_order(n_layers)
    assert page_order(1)[0] == ("T0", "absorb")
    assert len(page_order(1)) == 19


def test_challenges_follow_the_formula() -> None:
    transcript = Transcript(b"tag")
    transcript.absorb(b"data")
    state = keccak(keccak(b"tag") + b"data")
    digest = int.from_bytes(keccak(state), "big")
    expected = [((digest >> (85 * k)) % 2**85) % P for k in range(3)]
    assert list(transcript.challenge()) == expected
    assert transcript.state == keccak(state)


def test_queries_are_words_of_the_digests() -> None:
    transcript = ProtocolTranscript()
    state = keccak(b"l2forge/stark/1")
    words: list[int] = []
    for _ in range(2):
        state = keccak(state)
        words += [int.from_bytes(state[4 * k : 4 * k + 4], "big") for k in range(8)]
    assert transcript.queries(11, 20) == [word % 2**20 for word in words[:11]]


def test_fixed_vectors() -> None:
    transcript = ProtocolTranscript()
    transcript.identity(bytes(32), bytes(range(32)), b"\x00\x00\x00\x04" * 8)
    transcript.heights(b"\x04\xff")
    transcript.public(b"\x00\x00\x00\x00")
    assert transcript.state.hex() == VECTORS["T3"]
    alpha, _, rho = transcript.main(b"\x11" * 25)
    assert (alpha, rho) == (Ext(*VECTORS["alpha"]), Ext(*VECTORS["rho"]))
    gamma = transcript.interaction(b"", [], [])
    assert gamma == Ext(*VECTORS["gamma"])
    transcript.quotient(b"\x22" * 25)
    transcript.openings([Ext(1, 2, 3)])
    transcript.layer(b"\x33" * 25)
    transcript.final([Ext(4, 5, 6)])
    transcript.nonce(7)
    assert transcript.queries(9, 21) == VECTORS["queries"]


def test_every_absorption_changes_everything_after_it() -> None:
    def run(flip: int) -> Ext:
        parts = [bytes([k]) * 4 for k in range(6)]
        if flip >= 0:
            parts[flip] = b"\xff" + parts[flip][1:]
        transcript = Transcript(b"tag")
        for part in parts:
            transcript.absorb(part)
        return transcript.challenge()

    assert len({run(flip) for flip in range(-1, 6)}) == 7


def test_nothing_cannot_be_absorbed() -> None:
    with pytest.raises(ValueError, match="nothing to absorb"):
        Transcript(b"tag").absorb(b"")


def test_elements_are_big_endian_in_order() -> None:
    assert ext_bytes([Ext(1, 2, 3)]).hex() == "000000000000000100000000000000020000000000000003"


@pytest.mark.parametrize("n_bits", [0, 1, 8, 12])
def test_leading_zeros_are_counted_from_the_most_significant_bit(n_bits: int) -> None:
    exact = (1 << (255 - n_bits)).to_bytes(32, "big")
    assert has_leading_zeros(exact, n_bits)
    assert not has_leading_zeros(exact, n_bits + 1)


def test_the_grinding_digest_hashes_state_and_nonce() -> None:
    state = keccak(b"state")
    assert grinding_digest(state, 258) == keccak(state + b"\0\0\0\0\0\0\x01\x02")
