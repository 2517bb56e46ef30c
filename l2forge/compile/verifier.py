"""The Solidity verifier of an AIR: the sources of docs/protocol.md on L1, rendered from the compiled AIR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from l2forge.air.compiled import CompiledAir
from l2forge.air.emit_solidity import Inputs, PartEmitter, n_functions, next_mask, split_parts
from l2forge.air.errors import AirError
from l2forge.air.graph import COLUMNS, Kind
from l2forge.chain.solc import Settings, compile_sources
from l2forge.chain.stark_verifier import VerifierArtifacts
from l2forge.compile.rows import MAX_TERMS, RowProgram
from l2forge.resources import resource_dir
from l2forge.stark.field import GENERATOR, P, root_of_unity
from l2forge.stark.layout import ABSENT, ProofLayout
from l2forge.stark.params import EXTENSION_DEGREE, TWO_ADICITY, ProofParameters
from l2forge.stark.preprocessed import preprocessed_root
from l2forge.stark.security import SecurityError

FIXED = ("Ext.sol", "IQueryVerifier.sol")
TEMPLATES = ("Merkle.sol", "Shape.sol", "QueryVerifier.sol", "StarkVerifier.sol")
NO_SPEC = bytes(32)
INTERACTION, QUOTIENT = 2, 3
"""Kinds of matrices over K."""
MAX_TABLES = 32
"""Log-heights are bytes of one word."""
CONTRACT_SETTINGS = Settings(optimizer_runs=1_000_000)
"""A verifier is deployed once and run for every batch: code size is spent for gas (about 2% of a proof)."""
EVALUATOR_SETTINGS = Settings(via_ir=False, yul_optimizer=False)


@dataclass(frozen=True)
class Matrix:
    """One table's matrix in one tree, in base columns."""

    kind: int
    """0 preprocessed, 1 main, 2 interaction"""
    table: int
    width: int
    mask: tuple[int, ...]
    """base columns that are also opened on the next row"""
    inputs: int
    """its first input word of the evaluators"""

    @property
    def limbs(self) -> int:
        """Base columns of one function."""
        return EXTENSION_DEGREE if self.kind >= INTERACTION else 1


@dataclass(frozen=True)
class PreprocessedRoot:
    """The root of the preprocessed columns for one H and one set (bits) of present tables that have some."""

    log_height: int
    present: int
    root: int


def preprocessed_roots(
    air: CompiledAir, parameters: ProofParameters, max_log_height: int
) -> tuple[PreprocessedRoot, ...]:
    """The roots for every H up to max_log_height and every choice of present tables with fixed columns."""
    fixed = [table for table in air.tables if table.n_preprocessed]
    choices = [[True, False] if table.optional else [True] for table in fixed]
    roots = []
    for choice in product(*choices):
        present = [table for table, chosen in zip(fixed, choice, strict=True) if chosen]
        if not present:
            continue
        heights = {table.index: table.min_log_height for table in present}
        for log_height in range(max(heights.values()), max_log_height + 1):
            layout = _layout_of_height(air, parameters, heights, log_height)
            if layout is not None:
                root = int.from_bytes(preprocessed_root(layout).ljust(32, b"\0"), "big")
                roots.append(PreprocessedRoot(log_height, sum(1 << index for index in heights), root))
    return tuple(roots)


def _layout_of_height(
    air: CompiledAir, parameters: ProofParameters, fixed: Mapping[int, int], log_height: int
) -> ProofLayout | None:
    """A layout with these tables and H = log_height; None where no other table can be that high."""
    log_heights = [fixed.get(table.index, ABSENT) for table in air.tables]
    if log_height in fixed.values():
        return ProofLayout(air, parameters, tuple(log_heights))
    for table in air.tables:
        if not table.n_preprocessed and table.min_log_height <= log_height <= table.max_log_height:
            log_heights[table.index] = log_height
            return ProofLayout(air, parameters, tuple(log_heights))
    return None


@dataclass(frozen=True)
class Shape:
    """What the contracts need to know of an AIR besides its constraints."""

    air: CompiledAir
    inputs: Inputs
    n_evaluators: int
    max_log_height: int
    preprocessed_roots: tuple[PreprocessedRoot, ...] = ()

    coset = GENERATOR
    coset_inverse = pow(GENERATOR, -1, P)
    eighth = pow(8, -1, P)
    root = root_of_unity(TWO_ADICITY)
    root_inverse = pow(root_of_unity(TWO_ADICITY), -1, P)
    omega4_inverse = pow(root_of_unity(2), -1, P)
    omega8_inverse = pow(root_of_unity(3), -1, P)

    @cached_property
    def matrices(self) -> tuple[Matrix, ...]:
        """All matrices that have a column, kind by kind and table by table."""
        found = []
        for number, kind in enumerate(COLUMNS):
            for table in self.air.tables:
                limbs = EXTENSION_DEGREE if kind == Kind.INTERACTION else 1
                width = limbs * n_functions(table, kind)
                masked = tuple(limbs * f + k for f in next_mask(table, kind) for k in range(limbs))
                if width:
                    start = self.inputs.openings[kind, table.index]
                    found.append(Matrix(number, table.index, width, masked, start))
        return tuple(found)

    @cached_property
    def opened(self) -> tuple[Matrix, ...]:
        """The matrices and the quotient's, whose table is none."""
        quotient = Matrix(QUOTIENT, len(self.air.tables), EXTENSION_DEGREE * self.air.n_chunks, (), 0)
        return (*self.matrices, quotient)

    @property
    def sum_bits(self) -> int:
        """A bit for each table with a claimed sum."""
        return sum(1 << table.index for table in self.air.tables if table.has_sum)

    @property
    def required_bits(self) -> int:
        """A bit for each table that no proof may be without."""
        return sum(1 << table.index for table in self.air.tables if not table.optional)

    @property
    def preprocessed_bits(self) -> int:
        """A bit for each table with preprocessed columns."""
        return sum(1 << table.index for table in self.air.tables if table.n_preprocessed)


@dataclass(frozen=True)
class VerifierSources:
    """The Solidity of one verifier. Evaluators and rows are straight-line Yul, for the plain compiler."""

    contracts: dict[str, str]
    evaluators: dict[str, str]
    rows: dict[str, str]


def render_verifier(
    air: CompiledAir,
    parameters: ProofParameters,
    *,
    spec_hash: bytes = NO_SPEC,
    max_log_height: int,
) -> VerifierSources:
    """The contracts that verify proofs of `air` under `parameters`, by source name.

    Tables may have up to 2^max_log_height rows; what that means for security is the caller's to check.
    Raises SecurityError for parameters outside of their limits, AirError for more than MAX_TABLES tables or
    MAX_TERMS columns.
    """
    for problem in parameters.problems():
        raise SecurityError(problem)
    if len(air.tables) > MAX_TABLES:
        raise AirError(
            f"the AIR {air.name} has {len(air.tables)} tables, the contracts hold {MAX_TABLES}",
            remedy="join tables of similar heights",
        )
    if 1 << parameters.log_final > MAX_TERMS:
        raise SecurityError(f"log_final = {parameters.log_final}: contracts take {MAX_TERMS} coefficients")
    if air.n_base_columns > MAX_TERMS:
        raise AirError(
            f"the AIR {air.name} opens {air.n_base_columns} base columns, the contracts take {MAX_TERMS}",
            remedy="narrow its tables",
        )
    environment = Environment(
        loader=FileSystemLoader(resource_dir("templates") / "contracts" / "verifier"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    inputs, parts = Inputs.of(air), split_parts(air)
    shape = Shape(
        air, inputs, len(parts), max_log_height, preprocessed_roots(air, parameters, max_log_height)
    )
    names = {"air": air, "parameters": parameters, "shape": shape, "spec_hash": "0x" + spec_hash.hex()}
    contracts = {
        name: (resource_dir("templates") / "contracts" / "verifier" / name).read_text() for name in FIXED
    }
    contracts |= {name: environment.get_template(f"{name}.j2").render(names) for name in TEMPLATES}
    evaluator = environment.get_template("Evaluator.sol.j2")
    evaluators = {}
    for number, part in enumerate(parts):
        emitter = PartEmitter(air, inputs)
        statements = emitter.emit(part)
        evaluators[f"Evaluator{number}.sol"] = evaluator.render(
            air=air,
            inputs=inputs,
            part=number,
            n_parts=len(parts),
            constants=emitter.constants(),
            statements=statements,
        )
    rows = environment.get_template("RowCombiner.sol.j2").render(air=air, rows=RowProgram(shape.opened))
    return VerifierSources(contracts, evaluators, {"RowCombiner.sol": rows})


def compile_verifier(sources: VerifierSources) -> VerifierArtifacts:
    """The contracts compiled. Errors: CompilationError, EnvironmentFailure."""
    contracts = compile_sources(sources.contracts, settings=CONTRACT_SETTINGS)
    plain = compile_sources({**sources.evaluators, **sources.rows}, settings=EVALUATOR_SETTINGS)
    names = [name.removesuffix(".sol") for name in sources.evaluators]
    return VerifierArtifacts(
        contracts["StarkVerifier"],
        contracts["QueryVerifier"],
        plain["RowCombiner"],
        tuple(plain[name] for name in names),
    )
