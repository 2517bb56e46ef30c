"""Chips that many AIRs share: ranges, checked memory, Poseidon2."""
