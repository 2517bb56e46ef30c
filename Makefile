# Two commands matter on a fresh machine: `make demo` and `make test`. Both set up what they need.
SHELL := /bin/bash
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

setup:  ## make .venv with l2forge in it; instant when nothing changed
	@scripts/setup.sh

demo: setup  ## a venue from a preset, from one TOML file to a withdrawal paid on L1
	@$(BIN)/python examples/first_venue/run.py

test: setup  ## the whole test suite
	@$(BIN)/pytest --numprocesses 2

lint: setup  ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup  ## rewrite the sources in the project's format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
