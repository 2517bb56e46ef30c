"""A small machine: a fixed program runs over a read-write memory, with 32-bit results.

The statement: the program, started with `input` in memory cell 0 and zeros elsewhere, halts, having put out
the public list `output`. Four tables: the program (preprocessed), the processor,
the memory checked offline, and 16-bit ranges.
"""

from examples.small_machine.air import Instruction, Processor, ProgramRom, machine_air
from examples.small_machine.witness import FIBONACCI, machine_witness

__all__ = ["FIBONACCI", "Instruction", "Processor", "ProgramRom", "machine_air", "machine_witness"]
