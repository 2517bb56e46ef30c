"""What constraints read besides a table's rows: challenges and claims; and a table's values at a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2forge.stark.ext import Ext


@dataclass(frozen=True)
class Challenges:
    """α and β of LogUp, ρ of the public fingerprint."""

    alpha: Ext
    beta: Ext
    rho: Ext


@dataclass(frozen=True)
class Point:
    """One table's values at a point: its columns there, and its masked columns on the next row."""

    main: Sequence[Ext]
    main_next: Sequence[Ext]
    """aligned with `table.main_mask`; likewise below"""
    interaction: Sequence[Ext] = ()
    interaction_next: Sequence[Ext] = ()
    preprocessed: Sequence[Ext] = ()
    preprocessed_next: Sequence[Ext] = ()


@dataclass(frozen=True)
class Claims:
    """What constraints read besides columns: challenges, public scalars, table sums, fingerprints."""

    challenges: Challenges
    public: Sequence[int]
    sums: Sequence[Ext | None]
    """S of every table; None where the table is absent or has no interactions"""
    fingerprints: Sequence[Ext]
    """F of every public list"""
