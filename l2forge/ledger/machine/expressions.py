"""Values of a program under construction: expressions of at most two places, joined where they can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from l2forge.ledger.machine.assembler import Program


class Value:
    """A value of a program: α·x + β·y + γ·x·y + δ over places x, y; `place` makes it an instruction."""

    __slots__ = ("_form", "_place", "program")

    def __init__(self, program: Program, form: Form, place: int = -1) -> None:
        self.program = program
        self._form = form
        self._place = place

    @property
    def place(self) -> int:
        """The instruction that defines this value."""
        if self._place < 0:
            self._place = self.program.define(self._form)
            self._form = Form.of(self._place)
        return self._place

    @property
    def where(self) -> int:
        """The instruction that defines this value, −1 when there is none yet."""
        return self._place

    @property
    def form(self) -> Form:
        """The expression, over places."""
        return self._form

    def __add__(self, other: Value | int) -> Value:
        return _sum(self, self.program.value(other))

    __radd__ = __add__

    def __neg__(self) -> Value:
        return self * -1

    def __sub__(self, other: Value | int) -> Value:
        return _sum(self, -self.program.value(other))

    def __rsub__(self, other: int) -> Value:
        return self.program.value(other) - self

    def __mul__(self, other: Value | int) -> Value:
        return _product(self, self.program.value(other))

    __rmul__ = __mul__


@dataclass(frozen=True)
class Form:
    """qa·V[a] + qb·V[b] + qm·V[a]·V[b] + qc; a place is −1 where its coefficients are 0."""

    a: int = -1
    b: int = -1
    qa: int = 0
    qb: int = 0
    qm: int = 0
    qc: int = 0

    @classmethod
    def of(cls, place: int) -> Form:
        """Just V[place]."""
        return cls(a=place, qa=1)

    @property
    def is_constant(self) -> bool:
        """No place at all."""
        return self.a < 0 and self.b < 0

    @property
    def is_single(self) -> bool:
        """qa·V[a] + qc."""
        return self.b < 0 and self.qm == 0

    def scaled(self, factor: int) -> Form:
        """factor·form."""
        return replace(
            self, qa=self.qa * factor, qb=self.qb * factor, qm=self.qm * factor, qc=self.qc * factor
        )

    def swapped(self) -> Form:
        """The same with a and b exchanged."""
        return replace(self, a=self.b, b=self.a, qa=self.qb, qb=self.qa)


def _joined(x: Form, y: Form) -> Form | None:
    """x + y as one form; None when it needs more than two places, or a product that is not of them."""
    for left in (x, x.swapped()):
        for right in (y, y.swapped()):
            a = _one_of(left.a, right.a)
            b = _one_of(left.b, right.b)
            if a is None or b is None or (left.qm and (left.a, left.b) != (a, b)):
                continue
            if right.qm and (right.a, right.b) != (a, b):
                continue
            return Form(a, b, left.qa + right.qa, left.qb + right.qb, left.qm + right.qm, left.qc + right.qc)
    return None


def _one_of(x: int, y: int) -> int | None:
    if x >= 0 and y >= 0 and x != y:
        return None
    return max(x, y)


def _sum(x: Value, y: Value) -> Value:
    program = x.program
    form = _joined(x.form, y.form)
    if form is None:
        x_form, y_form = x.form, y.form
        # Keep the operand that is already an instruction, or a single place, open; fold the other one.
        if not y_form.is_single:
            y_form = Form.of(y.place)
        form = _joined(x_form, y_form) if x_form.is_single else None
        if form is None:
            form = _joined(Form.of(x.place), y_form)
    if form is None:
        raise AssertionError("two single places always join")
    return Value(program, form)


def _product(x: Value, y: Value) -> Value:
    program = x.program
    if y.form.is_constant:
        return Value(program, x.form.scaled(y.form.qc))
    if x.form.is_constant:
        return Value(program, y.form.scaled(x.form.qc))
    f = x.form if x.form.is_single else Form.of(x.place)
    g = y.form if y.form.is_single else Form.of(y.place)
    return Value(program, Form(f.a, g.a, f.qa * g.qc, g.qa * f.qc, f.qa * g.qa, f.qc * g.qc))
