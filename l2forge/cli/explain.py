"""`l2forge explain`: what follows from a spec."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the explanation is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def explain(
    spec: Annotated[Path, typer.Argument(help="The venue's spec.")] = Path("venue.toml"),
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.TEXT,
) -> None:
    """Say what follows from a spec: exits, trust, costs.

    Also security, leverage, prices and governance, each with the figures that it comes from.
    """
    from l2forge.cli.output import print_result
    from l2forge.compile.explain import explain_spec
    from l2forge.compile.explain.markdown import as_markdown
    from l2forge.compile.explain.render import as_json, as_text
    from l2forge.spec.load import load_spec

    explanation = explain_spec(load_spec(spec))
    forms = {Format.TEXT: as_text, Format.JSON: as_json, Format.MARKDOWN: as_markdown}
    print_result(forms[format](explanation))
