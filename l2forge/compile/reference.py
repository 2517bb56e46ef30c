"""Writes the generated pages of docs/: spec.md (every key) and errors.md (every code, this layer's included).

python -m l2forge.compile.reference            writes both
python -m l2forge.compile.reference --check    exit status 1 if one of them is not current
"""

from __future__ import annotations

import sys
from pathlib import Path

from l2forge.compile import proven, resolve
from l2forge.spec.docs import errors_page, spec_page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def pages() -> dict[Path, str]:
    """Path and text of every generated page."""
    assert resolve and proven  # loading them has defined their codes
    return {DOCS / "spec.md": spec_page(), DOCS / "errors.md": errors_page()}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them with what is there; the exit status."""
    if "--check" not in arguments:
        for path, text in pages().items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path.name for path, text in pages().items() if path.read_text(encoding="utf-8") != text]
    for name in stale:
        print(f"docs/{name} is not current; run `python -m l2forge.compile.reference`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
