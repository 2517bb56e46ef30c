"""Security accounting: the published tables of ethereum/soundcalc, the design's figures, refusals."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import pytest

from l2forge.stark.params import ProofParameters, ProofShape
from l2forge.stark.regimes import Regime, SoundcalcJohnson
from l2forge.stark.security import (
    REGIMES,
    SecurityError,
    System,
    choose_parameters,
    require_security,
    rounds,
    security_table,
)

GOLDILOCKS = 2**64 - 2**32 + 1
MERSENNE31 = 2**31 - 1
KOALABEAR = 2**31 - 2**24 + 1


@dataclass(frozen=True)
class Preset:
    """A circuit of ethereum/soundcalc and the bits that its reports publish, without lookups.

    The lists are: constraints (ALI), out-of-domain (DEEP), batching, folds, queries.
    """

    name: str
    system: System
    unique: list[int]
    johnson: list[int]
    gap: float | None = None
    grinding: dict[str, int] = field(default_factory=dict)


PRESETS = [
    Preset(  # reports/zisk.md and zkvms/zisk/zisk.toml, circuit Main
        "ZisK Main",
        System(ProofShape(22, 61, 144, 3, n_points=3), 1, (8,) * 6, 230, 16, float(GOLDILOCKS**3)),
        [184, 167, 165, 171, 174, 177, 180, 183, 186, 111],
        [178, 161, 133, 139, 142, 145, 148, 151, 154, 128],
        0.006333333333333333,
    ),
    Preset(  # the same files, circuit Poseidon2
        "ZisK Poseidon2",
        System(ProofShape(17, 182, 85, 4, n_points=17), 2, (8, 8, 8, 8, 4), 114, 16, float(GOLDILOCKS**3)),
        [185, 172, 166, 174, 177, 180, 183, 186, 93],
        [177, 164, 133, 140, 143, 146, 149, 153, 128],
        0.004,
    ),
    Preset(  # the same files, circuit Final_Compressed
        "ZisK Final_Compressed",
        System(ProofShape(15, 145, 158, 8, n_points=4), 4, (8, 8, 8), 54, 22, float(GOLDILOCKS**3)),
        [184, 173, 166, 174, 177, 180, 71],
        [175, 164, 134, 141, 144, 147, 128],
        0.003333333333333333,
    ),
    Preset(  # reports/airbender.md and zkvms/airbender/airbender.toml; it also grinds elsewhere
        "Airbender",
        System(ProofShape(24, 1225, 928, 2, n_points=2), 1, (16, 16, 16, 8, 8), 87, 28, float(MERSENNE31**4)),
        [114, 110, 90, 106, 110, 114, 118, 121, 64],
        [109, 105, 68, 83, 87, 91, 95, 98, 67],
        grinding={"out-of-domain": 12, "fold": 5},
    ),
    Preset(  # reports/pico.md and zkvms/pico/pico.toml, circuit riscv
        "Pico riscv",
        System(ProofShape(22, 1435, 4729, 3, n_points=2), 1, (2,) * 22, 84, 16, float(KOALABEAR**4)),
        [111, 99, 92, *range(103, 123), 122, 123, 50],
        [106, 95, 69, *range(81, 103), 53],
    ),
]

# (circuit, rows of L and T together, width, lookups, bits): reports/zisk.md
LOOKUPS = [
    ("Main, Direct_gsum_[1000]", 2**23, 5, 1, 166),
    ("Main, Lookup_gsum_[5000]", 2**22, 11, 1, 166),
    ("Main, Permutation_gsum_[10]", 2**23, 6, 34, 161),
    ("Main, Range Check_gsum_[102]", 2**22, 1, 34, 164),
    ("Poseidon2, Permutation_gsum_[10]", 2**17, 6, 4, 170),
    ("Final_Compressed, Connection_gprod_[1]", 2**16, 2, 27, 170),
]


def floors(preset: Preset, regime: Regime) -> list[int]:
    """Whole bits per round, with the preset's grinding before rounds where we have none."""
    rows = rounds(preset.system, regime)
    return [math.floor(row.bits + preset.grinding.get(row.round.split()[0], 0)) for row in rows]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_tables_equal_those_of_soundcalc(preset: Preset) -> None:
    rate = 2.0**-preset.system.log_blowup
    johnson = SoundcalcJohnson.of(rate, math.log2(preset.system.field_size), preset.gap)
    assert floors(preset, Regime(rate)) == preset.unique
    assert floors(preset, johnson) == preset.johnson


@pytest.mark.parametrize(("name", "n_rows", "width", "n_lookups", "bits"), LOOKUPS)
def test_lookup_bits_equal_those_of_soundcalc(
    name: str, n_rows: int, width: int, n_lookups: int, bits: int
) -> None:
    shape = ProofShape(22, 61, 144, 3, n_lookups=n_rows * n_lookups, lookup_width=width)
    table = rounds(System(shape, 1, (8,) * 6, 230, 16), SoundcalcJohnson.of(0.5, 192))
    assert table[0].round == "lookups", name
    assert math.floor(table[0].bits) == bits


DESIGN = ProofShape(22, 200, 300, 9, n_lookups=10 * 2**22, lookup_width=6)


@pytest.mark.parametrize(
    ("security_bits", "log_blowup", "n_queries", "node_bytes"),
    [(100, 4, 39, 25), (100, 3, 51, 25), (128, 4, 53, 32), (128, 3, 71, 32)],
)
def test_chosen_parameters_are_those_of_the_design(
    security_bits: int, log_blowup: int, n_queries: int, node_bytes: int
) -> None:
    params = choose_parameters(DESIGN, security_bits=security_bits, log_blowup=log_blowup)
    assert (params.n_queries, params.node_bytes) == (n_queries, node_bytes)
    assert require_security(params, DESIGN, security_bits, "johnson").bits >= security_bits


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("log_blowup", [1, 3, 4, 6])
def test_one_query_less_is_refused(regime: str, log_blowup: int) -> None:
    params = choose_parameters(DESIGN, regime=regime, log_blowup=log_blowup)
    fewer = ProofParameters(log_blowup, params.n_queries - 1, 24, params.log_final, params.node_bytes)
    require_security(params, DESIGN, 100, regime)
    with pytest.raises(SecurityError, match="below 100: queries"):
        require_security(fewer, DESIGN, 100, regime)


def test_short_nodes_are_refused() -> None:
    params = choose_parameters(DESIGN)
    short = ProofParameters(params.log_blowup, params.n_queries, params.grinding_bits, params.log_final, 24)
    with pytest.raises(SecurityError, match="commitments has 96"):
        require_security(short, DESIGN, 100, "johnson")


def test_a_level_that_batching_cannot_reach_is_refused() -> None:
    """In the design's warning: many columns over a long trace at 128 bits, when m is too large for them."""
    wide = ProofShape(28, 2**20, 300, 9)
    with pytest.raises(SecurityError, match="lower the maximal height"):
        choose_parameters(wide, security_bits=145)


def test_unknown_regimes_and_sizes_are_refused() -> None:
    params = choose_parameters(DESIGN)
    with pytest.raises(SecurityError, match="unknown security regime"):
        security_table(params, DESIGN, "toy")
    with pytest.raises(SecurityError, match="evaluation domain"):
        security_table(params, ProofShape(29, 200, 300, 9), "johnson")


@pytest.mark.parametrize(
    "change",
    [{"n_queries": 0}, {"grinding_bits": 64}, {"log_final": 1}, {"log_final": 17}, {"node_bytes": 33}],
    ids=str,
)
def test_parameters_outside_of_their_limits_are_refused(change: dict[str, int]) -> None:
    params = replace(choose_parameters(DESIGN), **change)
    with pytest.raises(SecurityError, match=f"{next(iter(change))} is"):
        security_table(params, DESIGN)


def test_only_the_conjectured_regime_assumes_something() -> None:
    params = choose_parameters(DESIGN)
    assert "conjectured, not proven" in security_table(params, DESIGN, "conjectured").assumption
    assert not security_table(params, DESIGN, "johnson").assumption
    assert not security_table(params, DESIGN, "unique").assumption


def test_the_multiplicity_is_the_best_one() -> None:
    """The table's level is that of the best m, found here by trying each on its own."""
    from l2forge.stark.regimes import Johnson

    params = choose_parameters(DESIGN, security_bits=128)
    system = System.of(params, DESIGN)
    levels = [min(row.bits for row in rounds(system, Johnson(1 / 16, m))) for m in range(3, 1001)]
    assert security_table(params, DESIGN).bits == min(max(levels), 128.0)


@pytest.mark.parametrize(
    ("log_height", "n_layers", "log_size"), [(0, 0, 0), (7, 0, 7), (8, 1, 5), (16, 3, 7), (17, 4, 5)]
)
def test_folding_ends_at_the_final_size(log_height: int, n_layers: int, log_size: int) -> None:
    params = ProofParameters(4, 39, 24, 7, 25)
    assert params.n_layers(log_height) == n_layers
    assert params.log_final_size(log_height) == log_size
