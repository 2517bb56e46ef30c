"""`l2forge presets`: lists the presets, or prints one."""

from __future__ import annotations

from typing import Annotated

import typer


def presets(
    name: Annotated[str, typer.Argument(help="The preset to print.", show_default=False)] = "",
) -> None:
    """List the presets, or print one.

    A preset is a complete, commented spec to start from.
    """
    from difflib import get_close_matches

    from l2forge.cli.output import print_result
    from l2forge.errors import InputError
    from l2forge.spec.presets import preset_names, preset_path, preset_title

    names = preset_names()
    if not name:
        width = max(map(len, names), default=0)
        print_result("\n".join(f"{each:<{width}}  {preset_title(each)}" for each in names))
        return
    if name not in names:
        close = get_close_matches(name, names, n=1)
        remedy = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(names)}"
        raise InputError(f'there is no preset "{name[:60]}"', remedy=remedy)
    print_result(preset_path(name).read_text(encoding="utf-8").rstrip("\n"))
