"""The JSON Schema of a spec, from the models: what editors complete and underline TOML with."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from l2forge.spec.models import Spec
from l2forge.spec.models.base import Table


class _Schema(GenerateJsonSchema):
    """Pydantic's generator; defaults as a spec spells them, optional keys without null (TOML has none)."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, Table):
            return dft.model_dump(mode="json", by_alias=True, exclude_none=True)
        return dft.text() if hasattr(dft, "text") else super().encode_default(dft)

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        result = super().default_schema(schema)
        if result.get("default", ...) is None:
            del result["default"]
        return result


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a spec."""
    schema = Spec.model_json_schema(by_alias=True, schema_generator=_Schema)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "l2forge spec"
    schema["properties"]["extends"] = {
        "type": "string",
        "pattern": "^preset:[A-Za-z0-9_-]{1,64}$",
        "description": "the preset that this spec is laid on: tables merge, arrays are replaced",
    }
    # A spec that extends a preset may leave out whatever the preset says.
    required = schema.pop("required")
    schema["if"] = {"not": {"required": ["extends"]}}
    schema["then"] = {"required": required}
    return schema
