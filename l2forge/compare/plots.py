"""Figures as one self-contained HTML page: what the worked examples write."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from jinja2 import Environment, PackageLoader
from plotly.offline import get_plotlyjs

from l2forge.compare.charts import Figure

TEMPLATE = "plots.html.j2"


def page_for(name: str, arguments: list[str]) -> Path:
    """Where an example writes its page: its first argument, else a folder for temporary files."""
    return Path(arguments[0]) if arguments else Path(tempfile.gettempdir()) / "l2forge" / f"{name}.html"


def write_plots(path: Path, title: str, text: str, figures: list[Figure]) -> None:
    """Write a page with a title, a paragraph and figures; its folder is made."""
    environment = Environment(loader=PackageLoader("l2forge.compare", "."), autoescape=True, trim_blocks=True)
    data = json.dumps(figures, allow_nan=False).replace("<", "\\u003c")
    page = environment.get_template(TEMPLATE).render(
        title=title, text=text, n_figures=len(figures), figures=data, plotly=get_plotlyjs()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
