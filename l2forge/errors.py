"""The exception tree. Every error a user can cause says what is wrong, where, and what to do next.

L2forgeError
├── InputError         exit 2: an argument, a spec, a file that the user gave
├── EnvironmentFailure exit 3: something that the machine lacks (compiler, node, disk, permission)
├── CheckFailed        exit 1: a check ran to its end and said no
└── ProofRejected      exit 1: a verifier's numbered step refused a proof (l2forge.stark)
"""

from __future__ import annotations


class L2forgeError(Exception):
    """Base of all errors that l2forge raises on purpose.

    `message` says what is wrong (naming the place), `remedy` what to do about it.
    """

    exit_status = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class InputError(L2forgeError):
    """The user's input is wrong: arguments, a spec, a file."""

    exit_status = 2


class EnvironmentFailure(L2forgeError):
    """The machine lacks something: a compiler, a node, room on the disk, a permission."""

    exit_status = 3


class CheckFailed(L2forgeError):
    """A check ran to its end and the answer is no."""

    exit_status = 1
