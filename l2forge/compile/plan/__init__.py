"""The way from what is built to what a spec says, in words that matter to users.

`leaves` compares by identity, `keys` knows what each key means to whom, `markets` the cases that need more
words, `built` reads a build directory, `render` prints. Nothing is changed anywhere.
"""

from __future__ import annotations

from l2forge import __version__
from l2forge.compile.explain.trust import exit_window
from l2forge.compile.plan.built import Built
from l2forge.compile.plan.changes import Audience, Change, Effect, Plan
from l2forge.compile.plan.compare import differences
from l2forge.compile.render import template_hashes
from l2forge.compile.resolve import resolve
from l2forge.spec.load import LoadedSpec, SpecError
from l2forge.spec.warnings.model import seconds


def make_plan(built: Built, loaded: LoadedSpec) -> Plan:
    """The plan from a build to a spec. Raises SpecError where the spec has an error."""
    spec = loaded.require()
    errors = resolve(loaded)
    if errors:
        raise SpecError(errors)
    return Plan(
        venue=spec.venue.name,
        built_hash=built.spec_hash,
        spec_hash=loaded.hash(),
        notice_s=seconds(built.spec.governance.timelock),
        exit_window_s=exit_window(built.spec),
        changes=(*_spec_changes(built, loaded), *_generator_changes(built)),
    )


def _spec_changes(built: Built, loaded: LoadedSpec) -> tuple[Change, ...]:
    """The changes of the spec; where only its spelling changed, that its hash does."""
    found = differences(built.spec, loaded.require())
    if found or built.spec_hash == loaded.hash():
        return found
    text = "the order of markets, oracles or sources, or where a secret is kept: the spec's hash changes"
    consequence = "nothing that users notice"
    return (Change("schema", text, Audience.OPERATOR, Effect.VERIFIER, consequence),)


def _generator_changes(built: Built) -> list[Change]:
    """The contracts' text changes with the templates, whatever the spec says."""
    now = template_hashes(local_chain=built.spec.l1.kind == "anvil")
    changed = sorted(
        name for name in now.keys() | built.templates.keys() if now.get(name) != built.templates.get(name)
    )
    if not changed:
        return []
    text = f"contracts from other templates ({', '.join(changed)}): l2forge {built.generator} → {__version__}"
    return [Change("l2forge", text, Audience.EVERYONE, Effect.TIMELOCK)]


__all__ = ["make_plan"]
