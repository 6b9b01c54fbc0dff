# make run      set everything up and start the bot (web chat on http://127.0.0.1:8080)
# make test     set everything up and run all tests
# make check    validate knowledge/ and config.yaml
# make lint     ruff and mypy
# make bench    measure and write benchmarks/results/latest.json
# make lock     renew the lock files (needs the package index)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check lint bench setup setup-dev lock

setup: $(VENV)/.ready
setup-dev: $(VENV)/.ready-dev

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@

run: setup
	$(BIN)/motcua run

test: setup-dev
	$(BIN)/pytest -n auto

check: setup
	$(BIN)/motcua check

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup-dev
	$(BIN)/python -m benchmarks

lock:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/pip install --quiet pip-tools
	.venv/lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --strip-extras -o requirements.txt pyproject.toml
	.venv/lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --strip-extras --extra dev -o requirements-dev.txt pyproject.toml
