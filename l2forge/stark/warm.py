"""Compiling all kernels before they are needed, with progress; later processes load them from numba's cache.

Each step calls public functions on the smallest inputs, so a kernel is compiled for exactly the types that it
is used with. What lies above (the tile interpreter, the engine) passes its own steps on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from l2forge.stark import evaluation, ext, field_array, grinding, ntt, poseidon2
from l2forge.stark.ext import X
from l2forge.stark.keccak import hash_rows

Step: TypeAlias = tuple[str, Callable[[], object]]
"""What is compiled, and the calls that compile it."""
Progress: TypeAlias = Callable[[str, int, int], object]
"""Called as progress(what, steps done before it, steps in all), and once more at the end with done = all."""


def _warm_field() -> None:
    a = np.ones(2, np.uint64)
    field_array.add_arrays(a, a)
    field_array.sub_arrays(a, a)
    field_array.mul_arrays(a, a)
    field_array.scale_array(a, 2)
    field_array.batch_inverse(a)
    field_array.powers(2, 2)


def _warm_extension() -> None:
    a = np.ones((3, 2), np.uint64)
    ext.mul_arrays(a, a)
    ext.scale_array(a, X)
    ext.mul_base(a, a[0].copy())
    ext.batch_inverse(a)
    ext.powers(X, 2)


def _warm_transforms() -> None:
    ntt.ntt(ntt.intt(np.ones((1, 2), np.uint64)))


def _warm_keccak() -> None:
    leaves = hash_rows([np.ones((1, 2), np.uint64)], 32)
    hash_rows([np.ones((1, 1), np.uint64)] * 2, 32, leaves)
    grinding.least_nonce(bytes(32), 1)


def _warm_poseidon2() -> None:
    poseidon2.permute_many(np.zeros((poseidon2.WIDTH, 1), np.uint64))
    poseidon2.hash_many(np.zeros((1, 1), np.uint64))


def _warm_evaluation() -> None:
    weights = evaluation.barycentric_weights(X, 1, 1)
    matrix = np.ones((1, 2), np.uint64)
    evaluation.evaluate_columns(matrix, [0], weights)
    evaluation.add_combination(matrix, [X], np.zeros((3, 2), np.uint64))


KERNELS: tuple[Step, ...] = (
    ("field", _warm_field),
    ("extension field", _warm_extension),
    ("transforms", _warm_transforms),
    ("keccak", _warm_keccak),
    ("Poseidon2", _warm_poseidon2),
    ("evaluation", _warm_evaluation),
)


def warm(progress: Progress = lambda what, done, total: None, steps: Sequence[Step] = ()) -> None:
    """Compile the kernels of this package and then those of `steps`, or load them from the cache."""
    todo = [*KERNELS, *steps]
    for done, (what, step) in enumerate(todo):
        progress(what, done, len(todo))
        step()
    progress("kernels", len(todo), len(todo))
