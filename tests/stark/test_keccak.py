"""keccak: published vectors, then every kernel against the library that web3 uses."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from l2forge.stark import keccak
from l2forge.stark.field import U64Array
from tests.stark.field_values import field_matrix

# keccak-256 of "" and "abc", and the zero state permuted once and twice: the Keccak team's test vectors.
EMPTY = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
ABC = "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
PERMUTED_ZERO = (0xF1258F7940E1DDE7, 0x84D5CCF933C0478A, 0xD598261EA65AA9EE, 0xBD1547306F80494D)
PERMUTED_TWICE = (0x2D5C954DF96ECB3C, 0x6A332CD07057B56D, 0x093D8D1270D76B6C, 0x8A20D9B25569D094)


@njit
def permute(states):  # type: ignore[no-untyped-def]
    keccak.keccak_f(states)


def test_the_permutation_has_its_published_values_in_every_lane() -> None:
    states = np.zeros(keccak.N_STATE_WORDS, np.uint64)
    for expected in (PERMUTED_ZERO, PERMUTED_TWICE):
        permute(states)
        first_words = states[: 4 * keccak.LANES].reshape(4, keccak.LANES)
        assert (first_words == np.array(expected, np.uint64)[:, None]).all()


def test_scalar_keccak_has_its_published_values() -> None:
    assert keccak.keccak256(b"").hex() == EMPTY
    assert keccak.keccak256(b"abc").hex() == ABC


def child_digests(n: int) -> U64Array:
    """n digests of 32 bytes that are no multiple of anything."""
    return keccak.hash_rows([field_matrix(3, n, n)], 32)


def cut(digests: U64Array, node_bytes: int) -> U64Array:
    """Digests as a tree with nodes of node_bytes keeps them."""
    raw = np.ascontiguousarray(digests.T).view(np.uint8).copy()
    raw[:, node_bytes:] = 0
    return np.ascontiguousarray(raw.view(np.uint64).T)


@pytest.mark.parametrize("node_bytes", [16, 17, 24, 25, 31, 32])
@pytest.mark.parametrize("with_children", [False, True])
@pytest.mark.parametrize("n_columns", [0, 1, 10, 16, 17, 18, 34, 50])
def test_rows_hash_as_their_bytes(n_columns: int, with_children: bool, node_bytes: int) -> None:
    if n_columns == 0 and not with_children:
        return
    n_rows = 67
    matrix = field_matrix(n_columns, n_rows, n_columns)
    children = cut(child_digests(2 * n_rows), node_bytes) if with_children else keccak.NO_CHILDREN
    digests = keccak.hash_rows([matrix] if n_columns else [], node_bytes, children)
    for i in (0, 15, 16, 63, 64, 66):
        pair = (2 * i, 2 * i + 1) if with_children else ()
        preimage = b"".join(keccak.digest_bytes(children, j, node_bytes) for j in pair)
        preimage += b"".join(int(v).to_bytes(8, "big") for v in matrix[:, i])
        assert keccak.digest_bytes(digests, i, 32) == keccak.keccak256(preimage)[:node_bytes].ljust(32, b"\0")


@pytest.mark.parametrize("n_rows", [1, 16, 1024, 2049])
def test_several_matrices_hash_as_one_of_all_their_columns(n_rows: int) -> None:
    matrices = [field_matrix(3, n_rows, 1), field_matrix(20, n_rows, 2), field_matrix(1, n_rows, 3)]
    children = child_digests(2 * n_rows)
    joined = keccak.hash_rows([np.concatenate(matrices)], 25, children)
    assert np.array_equal(keccak.hash_rows(matrices, 25, children), joined)


def test_strided_matrices_are_accepted() -> None:
    wide = field_matrix(4, 40)
    expected = keccak.hash_rows([wide[::2, ::2].copy()], 32)
    assert np.array_equal(keccak.hash_rows([wide[::2, ::2]], 32), expected)


@pytest.mark.parametrize("node_bytes", [0, 15, 33])
def test_other_node_sizes_are_refused(node_bytes: int) -> None:
    with pytest.raises(ValueError, match="16 to 32 bytes"):
        keccak.hash_rows([field_matrix(1, 4)], node_bytes)


def test_heights_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="matching heights"):
        keccak.hash_rows([field_matrix(1, 4), field_matrix(1, 8)], 32)
    with pytest.raises(ValueError, match="matching heights"):
        keccak.hash_rows([field_matrix(1, 4)], 32, child_digests(4))
