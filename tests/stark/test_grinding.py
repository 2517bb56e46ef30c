"""The nonce found is the least one."""

from __future__ import annotations

import pytest

from l2forge.stark.grinding import least_nonce
from l2forge.stark.keccak import keccak256
from l2forge.stark.parallel import set_n_threads
from l2forge.stark.transcript import grinding_digest, has_leading_zeros


@pytest.mark.parametrize("n_bits", [0, 1, 5, 11])
@pytest.mark.parametrize("n_threads", [1, 3])
def test_the_nonce_is_the_least(n_bits: int, n_threads: int) -> None:
    state = keccak256(bytes([n_bits]))
    set_n_threads(n_threads)
    try:
        found = least_nonce(state, n_bits)
    finally:
        set_n_threads(0)
    good = (nonce for nonce in range(1 << 20) if has_leading_zeros(grinding_digest(state, nonce), n_bits))
    assert found == next(good)


def test_nonces_beyond_the_first_round() -> None:
    state = keccak256(b"far")
    found = least_nonce(state, 18)
    assert found > 1 << 16
    assert has_leading_zeros(grinding_digest(state, found), 18)
