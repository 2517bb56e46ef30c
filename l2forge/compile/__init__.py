"""The package of the compile phases: load, resolve, derive, render, compile, manifest."""
