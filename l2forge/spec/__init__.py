"""The spec: models, TOML loading with line numbers, presets, derived disclosures."""

from l2forge.spec.diagnostics import Diagnostic, Severity
from l2forge.spec.load import LoadedSpec, SpecError, load_spec, loads_spec
from l2forge.spec.models import Spec

__all__ = ["Diagnostic", "LoadedSpec", "Severity", "Spec", "SpecError", "load_spec", "loads_spec"]
