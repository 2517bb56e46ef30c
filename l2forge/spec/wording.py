"""What belongs in a place, in words and as an example, from the models."""

from __future__ import annotations

from typing import Any

from annotated_types import Ge, Le

from l2forge.spec.introspect import Shape, shape_of
from l2forge.spec.models.values import Text, UnitText

_UNIT_EXAMPLES = {"duration": '"30s"', "rate": '"5%"', "amount": '"1000"'}


def expected(shape: Shape) -> str:
    """The kind of value in words: "integer from 0 to 8", "duration > 0s", "table"."""
    unit, text = shape.find(UnitText), shape.find(Text)
    if shape.tables and shape.base is None:
        return "table"
    if unit is not None:
        bounds = unit.bounds()
        return f"{unit.kind} {bounds}".strip()
    if text is not None:
        return str(text.kind)
    if shape.choices:
        return " or ".join(f'"{each}"' if isinstance(each, str) else str(each) for each in shape.choices)
    if shape.base is int:
        return f"integer{_range(shape)}"
    if shape.item is not None:
        return f"array of {expected(shape_of(shape.item))}s"
    return {bool: "true or false"}.get(shape.base, "party")


def _range(shape: Shape) -> str:
    low: Any = next((entry.ge for entry in shape.metadata if isinstance(entry, Ge)), None)
    high: Any = next((entry.le for entry in shape.metadata if isinstance(entry, Le)), None)
    return f" from {low} to {high}" if low is not None and high is not None else ""


def example(key: str, shape: Shape, path: tuple[str | int, ...] = ()) -> str:
    """What to write: `bond = "1000"`, `[venue.collateral]`; the value alone where `key` is empty."""
    header = ".".join(part for part in path if isinstance(part, str)) or key
    unit, text = shape.find(UnitText), shape.find(Text)
    if shape.item is not None and shape_of(shape.item).tables:
        return f"[[{header}]]"
    if shape.tables and shape.base is None:
        return f"[{header}]"
    if unit is not None:
        value = _unit_example(unit)
    elif text is not None:
        return f"{key} = …, {text.form}" if key else text.form
    elif shape.choices:
        value = f'"{shape.choices[0]}"' if isinstance(shape.choices[0], str) else str(shape.choices[0])
    elif shape.item is not None:
        return f"{key} = [...]" if key else "[...]"
    elif shape.base is bool:
        value = "true"
    elif shape.base is int:
        value = f"an integer{_range(shape)}"
        return f"{key} = …, {value}" if key else value
    else:
        value = '"dev:0"'
    return f"{key} = {value}" if key else value


def _unit_example(unit: UnitText) -> str:
    return _UNIT_EXAMPLES[unit.kind]
