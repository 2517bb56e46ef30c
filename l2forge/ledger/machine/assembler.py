"""Programs written in Python: values with operators, which become gates, units and hints.

    p = Program("deposit", inputs=("account", "amount"))
    account, amount = p.input("account"), p.input("amount")
    p.change(p.leaf(Kind.ACCOUNT, account), CASH, amount)

An expression of at most two values, α·x + β·y + γ·x·y + δ, is one instruction, made when it is first used
as an
operand; larger ones are several. `require_*` names the rule that fails when it does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from l2forge.ledger.layout import INDEX_SHIFT, KIND_SHIFT
from l2forge.ledger.machine.expressions import Form, Value
from l2forge.ledger.machine.isa import SLOTS, WORD_BOUND, Hint, Instruction, Unit
from l2forge.stark.field import P

POSITIVE = WORD_BOUND
"""What RANGE and all operands of MULDIV stay below."""

OFFSETS = 256
"""Offsets of words in a leaf; one is part of the number of READ and WRITE: unit + 256·offset."""


SPONGE_UNITS = {8: Unit.ABSORB_NEXT, 2: Unit.ABSORB_TWO, 6: Unit.ABSORB_SIX}
"""By the length of a block that is not the first."""


class Program:
    """One operation: a straight line of instructions, under construction."""

    def __init__(self, name: str, inputs: Sequence[str] = ()) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self.lines: list[Instruction] = []
        self._constants: dict[int, Value] = {}

    # --- values

    def value(self, x: Value | int) -> Value:
        """An integer as a value of this program."""
        return x if isinstance(x, Value) else Value(self, Form(qc=x))

    def append(self, line: Instruction) -> Value:
        """Add an instruction; the value that it defines."""
        self.lines.append(line)
        place = len(self.lines) - 1
        return Value(self, Form.of(place), place)

    def define(self, form: Form, unit: Unit = Unit.NONE, label: str = "") -> int:
        """The place of an instruction whose gate defines `form`."""
        self.lines.append(_gate(form, 1, unit, label))
        return len(self.lines) - 1

    def at(self, place: int) -> Value:
        """The value of an instruction that is there."""
        return Value(self, Form.of(place), place)

    def fresh(self, x: Value | int) -> Value:
        """A new instruction with the value of x, at the end of the program: for units that read
        neighbours.
        """
        form = self.value(x).form
        place = self.define(form)
        return Value(self, Form.of(place), place)

    def constant(self, number: int) -> Value:
        """An instruction that holds the number, one for each number."""
        if number not in self._constants:
            self._constants[number] = self.fresh(number)
        return self._constants[number]

    def input(self, name: str) -> Value:
        """An input of the operation: advice, bound by nothing but what the program requires of it."""
        return self.advice(Hint.INPUT, k=self.inputs.index(name))

    def advice(self, hint: Hint, *operands: Value | int, k: int = 0) -> Value:
        """A free value, which the interpreter finds by the hint."""
        x, y, z = (*(self._place(operand) for operand in operands), -1, -1, -1)[:3]
        return self.append(Instruction(hint=hint, x=x, y=y, z=z, k=k))

    def _place(self, x: Value | int) -> int:
        return self.constant(x).place if isinstance(x, int) else x.place

    # --- what must hold

    def require_zero(self, x: Value, label: str) -> None:
        """x = 0."""
        form = x.form
        self.lines.append(_gate(form, 0, Unit.NONE, label))

    def require_equal(self, x: Value | int, y: Value | int, label: str) -> None:
        """x = y."""
        self.require_zero(self.value(x) - y, label)

    def require_positive(self, x: Value | int, label: str) -> None:
        """0 ≤ x < POSITIVE, of any value."""
        self.lines.append(_gate(self.value(x).form, 1, Unit.RANGE, label))

    def positive(self, x: Value | int, label: str) -> Value:
        """x, as an instruction that states 0 ≤ x < POSITIVE."""
        self.require_positive(x, label)
        place = len(self.lines) - 1
        return Value(self, Form.of(place), place)

    def require_at_least(self, x: Value | int, y: Value | int, label: str) -> None:
        """x ≥ y, for |x − y| < POSITIVE known from bounds of both."""
        self.require_positive(self.value(x) - y, label)

    def require_below(self, x: Value, bound: int, label: str) -> None:
        """0 ≤ x < bound ≤ POSITIVE, of any value."""
        self.require_positive(x, label)
        if bound < POSITIVE:
            self.require_positive((bound - 1) - x, label)

    def require_bool(self, x: Value, label: str) -> None:
        """x ∈ {0, 1}."""
        place = x.place
        self.lines.append(Instruction(a=place, b=place, qa=-1 % P, qm=1, label=label))

    def require_nonzero(self, x: Value, label: str) -> None:
        """x ≠ 0."""
        inverse = self.advice(Hint.INVERSE, x)
        self.require_equal(x * inverse, 1, label)

    # --- decisions

    def bit(self, x: Value, shift: int = 0) -> Value:
        """Advice: bit `shift` of x, boolean; the caller binds it to x."""
        value = self.advice(Hint.BITS, x, k=shift + 64)
        self.require_bool(value, "bit")
        return value

    def at_least(self, x: Value | int, y: Value | int, label: str = "comparison") -> Value:
        """1 if x ≥ y, else 0; for |x − y| < 2^62 known from bounds of both."""
        x, y = self.value(x), self.value(y)
        bit = self.advice(Hint.AT_LEAST, x, y)
        self.require_bool(bit, label)
        difference = x - y
        # bit = 1: x − y ≥ 0; bit = 0: y − x − 1 ≥ 0.
        self.require_positive(Value(self, Form.of(difference.place)) * (bit * 2 - 1) - (1 - bit), label)
        return bit

    def is_zero(self, x: Value, label: str = "zero test") -> Value:
        """1 if x = 0, else 0."""
        inverse = self.advice(Hint.INVERSE, x)
        flag = self.fresh(1 - x * inverse)
        self.require_zero(x * flag, label)
        return flag

    def select(self, flag: Value, x: Value | int, y: Value | int) -> Value:
        """x if flag = 1, y if flag = 0."""
        difference = self.value(x) - y
        return flag * difference + y

    def absolute(self, x: Value, label: str = "sign") -> tuple[Value, Value]:
        """(|x|, 1 if x < 0 else 0) for |x| < 2^62; of x = 0 either sign."""
        nonnegative = self.advice(Hint.AT_LEAST, x, 0)
        self.require_bool(nonnegative, label)
        size = self.positive(x * (nonnegative * 2 - 1), label)
        return size, 1 - nonnegative

    # --- units

    def muldiv(
        self, x: Value | int, y: Value | int, z: Value | int, up: Value | int = 0, label: str = "product"
    ) -> tuple[Value, Value]:
        """(q, r) with x·y = z·q + r (up = 0) or z·q − r (up = 1), 0 ≤ r < z; all of them in [0, POSITIVE)."""
        x, y, z, up = (self.constant(v) if isinstance(v, int) else v for v in (x, y, z, up))
        places = x.place, y.place, z.place, up.place
        here = len(self.lines)
        q = self.append(
            Instruction(
                a=places[0], b=places[1], unit=Unit.MULDIV, label=label,
                hint=Hint.DIVIDE, x=places[0], y=places[1], z=places[2], k=2 + here - places[3],
            )
        )  # fmt: skip
        r = self.append(
            Instruction(
                a=places[2], b=places[3], unit=Unit.DIVREM, label=label,
                hint=Hint.REMAINDER, x=places[0], y=places[1], z=places[2], k=2 + here + 1 - places[3],
            )
        )  # fmt: skip
        return q, r

    def floor(self, x: Value | int, y: Value | int, z: Value | int, label: str = "product") -> Value:
        """⌊x·y/z⌋; bounds of muldiv."""
        return self.muldiv(x, y, z, 0, label)[0]

    def ceil(self, x: Value | int, y: Value | int, z: Value | int, label: str = "product") -> Value:
        """⌈x·y/z⌉; bounds of muldiv."""
        return self.muldiv(x, y, z, 1, label)[0]

    def ceil_if(
        self, up: Value, x: Value | int, y: Value | int, z: Value | int, label: str = "product"
    ) -> Value:
        """⌈x·y/z⌉ if up = 1, ⌊x·y/z⌋ if up = 0; bounds of muldiv."""
        return self.muldiv(x, y, z, up, label)[0]

    def leaf(self, kind: int, index: Value | int) -> Value:
        """The address of a leaf's first word; the caller has bounded `index`."""
        return self.fresh(self.value(index) * (1 << INDEX_SHIFT) + (kind << KIND_SHIFT))

    def read(self, leaf: Value, offset: int, label: str = "state") -> Value:
        """The state word at the offset in the leaf."""
        return self.append(Instruction(a=leaf.place, unit=Unit.READ, offset=offset, label=label))

    def write(self, leaf: Value, offset: int, value: Value | int, label: str = "state") -> Value:
        """Set the state word; returns what it was."""
        value = self.constant(value) if isinstance(value, int) else value
        places = leaf.place, value.place
        return self.append(Instruction(a=places[0], b=places[1], unit=Unit.WRITE, offset=offset, label=label))

    def change(self, leaf: Value, offset: int, by: Value | int, label: str = "state") -> Value:
        """Add to the state word; returns what it is now."""
        now = self.fresh(self.read(leaf, offset, label) + by)
        self.write(leaf, offset, now, label)
        return now

    def call(self, unit: Unit, arguments: Sequence[Value | int], label: str = "") -> Value:
        """A call that reads the values before it, and copies the arguments there unless they are in place."""
        self.line_up(arguments)
        first = len(self.lines) - len(arguments)
        # The operands are the first two arguments: units that take ten or twelve read the others only.
        return self.append(Instruction(a=first, b=first + 1, unit=unit, label=label))

    def line_up(self, arguments: Sequence[Value | int]) -> None:
        """Make the arguments the last instructions, in order."""
        first = len(self.lines) - len(arguments)
        if [x.where if isinstance(x, Value) else -1 for x in arguments] != list(
            range(first, len(self.lines))
        ):
            for argument in arguments:
                self.fresh(argument)

    def sponge(self, elements: Sequence[Value | int], label: str = "hash") -> Value:
        """The number of the last permutation of the hash of the elements: 1 … 8, or blocks of 8 and a last
        one of 2, 6 or 8.
        """
        number = self.call(Unit.ABSORB, [*elements[:8], *[0] * (8 - len(elements[:8]))], label)
        for start in range(8, len(elements), 8):
            number = self.absorb_next(number, elements[start : start + 8], label)
        return number

    def absorb_next(self, number: Value, block: Sequence[Value | int], label: str = "hash") -> Value:
        """The number of the permutation that goes on from permutation `number` with the block."""
        if len(block) not in SPONGE_UNITS:
            raise ValueError("a message is hashed in blocks of 8, the last of 2, 6 or 8 elements")
        self.line_up([*block, *[0] * (8 - len(block))])
        place = self.define(Form(a=number.place, qa=1, qc=1), SPONGE_UNITS[len(block)], label)
        return Value(self, Form.of(place), place)

    def digest(self, number: Value, label: str = "hash") -> list[Value]:
        """The five elements of the digest, the last five instructions of the program so far."""
        place = number.place
        self.append(Instruction(a=place, unit=Unit.DIGEST, label=label))
        return [self.append(Instruction(hint=Hint.DIGEST, x=place, k=k)) for k in range(5)]

    def hash(self, elements: Sequence[Value | int], label: str = "hash") -> list[Value]:
        """The digest of the elements."""
        return self.digest(self.sponge(elements, label), label)

    def signed(self, digest: Sequence[Value], key: Sequence[Value], label: str) -> None:
        """The key signed the digest."""
        self.call(Unit.SIGNED, [*digest, *key], label)

    def finished(self) -> tuple[Instruction, ...]:
        """The lines, filled up to whole rows of the cpu table."""
        padding = -len(self.lines) % SLOTS
        return (*self.lines, *[Instruction(qo=1)] * padding)


def _gate(form: Form, qo: int, unit: Unit, label: str) -> Instruction:
    return Instruction(
        a=form.a, b=form.b, qa=form.qa % P, qb=form.qb % P, qm=form.qm % P, qc=form.qc % P,
        qo=qo, unit=unit, label=label,
    )  # fmt: skip
