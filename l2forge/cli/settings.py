"""`--set KEY=VALUE`: values of a spec on the command line."""

from __future__ import annotations


def parse_settings(settings: list[str]) -> dict[str, str]:
    """Values by dotted key. Errors: InputError."""
    from l2forge.errors import InputError

    parsed = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key:
            raise InputError(f'--set "{setting}" has no key and value', remedy="write --set fees.taker=5bps")
        parsed[key.strip()] = value.strip()
    return parsed
