"""`l2forge explain-error`: what a code means, why it is an error, and how it is mended."""

from __future__ import annotations

from typing import Annotated

import typer


def explain_error(
    code: Annotated[
        str, typer.Argument(help="A code, as it stands in brackets in a finding.", show_default=False)
    ] = "",
) -> None:
    """Explain a code of `l2forge check`, or list all codes."""
    from difflib import get_close_matches

    import l2forge.compile.proven
    import l2forge.compile.resolve  # noqa: F401
    from l2forge.cli.output import print_result
    from l2forge.compile import resolve
    from l2forge.errors import InputError
    from l2forge.spec.catalogue import entries

    assert resolve  # loading it has defined the codes of its phase
    known = entries()
    if not code:
        width = max(map(len, known))
        print_result("\n".join(f"{name:<{width}}  {entry.title}" for name, entry in sorted(known.items())))
        return
    name = code.strip().lower().removeprefix("error[").removeprefix("warning[").removesuffix("]")
    if name not in known:
        close = get_close_matches(name, known, n=1)
        remedy = f"did you mean `{close[0]}`?" if close else "`l2forge explain-error` lists all codes"
        raise InputError(f'there is no code "{name[:60]}"', remedy=remedy)
    print_result(known[name].text())
