"""Venues rendered and compiled for tests, once each."""

from __future__ import annotations

from functools import cache

from l2forge.chain.artifacts import Artifact
from l2forge.chain.solc import Settings, compile_sources, compiler_version
from l2forge.compile.constants import Venue
from l2forge.compile.derive import derive_constants
from l2forge.compile.render import render_contracts
from l2forge.resources import resource_dir
from l2forge.spec import LoadedSpec, load_spec

# The optimiser by way of Yul, which `build` uses, takes several times as long; here it is the logic of the
# contracts that is tested, and `test_as_built` runs once with the settings of `build`.
QUICK = Settings(via_ir=False)


@cache
def compiled(preset: str) -> tuple[LoadedSpec, Venue, dict[str, Artifact]]:
    """A preset's spec, constants and artefacts by name."""
    loaded = load_spec(resource_dir("presets") / f"{preset}.toml")
    spec = loaded.require()
    venue = derive_constants(spec)
    sources = render_contracts(spec, loaded.hash(), venue, solidity=compiler_version())
    found = compile_sources(sources, settings=QUICK)
    assert found.warnings == ()
    return loaded, venue, {artifact.name: artifact for artifact in found.contracts.values()}
