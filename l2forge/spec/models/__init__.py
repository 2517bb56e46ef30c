"""The tables of a spec as pydantic models: one file per subject, `spec.py` holds them all."""

from l2forge.spec.models.spec import SCHEMA_VERSION, Spec

__all__ = ["SCHEMA_VERSION", "Spec"]
