"""The language of constraints: expressions, degrees, and emitters to numba, Python and Solidity."""
