"""`l2forge schema`: the JSON Schema of a spec, for editors."""

from __future__ import annotations


def schema() -> None:
    """Print the JSON Schema of a spec.

    For editors that complete and check TOML while it is written.
    """
    import json

    from l2forge.cli.output import print_result
    from l2forge.spec.schema import json_schema

    print_result(json.dumps(json_schema(), indent=2, ensure_ascii=False))
