# Everything here needs Python 3.11 or newer and make; the rest is fetched into .venv.
#   make run     serve a node on http://localhost:8000, with its data in data/
#   make test    lint, types, import layers, all tests
#   make demo    two nodes on this machine play a story to each other
#   make bench   measure; a table, and benchmarks/results.json

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := activitypub api federation media node
CODE := $(wildcard $(PACKAGES)) tests benchmarks
JOBS ?= auto
NPM := $(shell command -v npm)
NODE_CLIENTS := tests/clients/node

# Kept bytecode is what makes a node start within a second.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test demo bench lock clean lint types layers check-python

run: $(VENV)/run.stamp
	@$(BIN)/python -m compileall -q $(wildcard $(PACKAGES))
	@exec $(BIN)/heliograph serve

demo: $(VENV)/run.stamp
	@$(BIN)/heliograph demo

test: lint types layers $(if $(NPM),$(NODE_CLIENTS)/node_modules/.package-lock.json)
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: $(VENV)/dev.stamp
	$(BIN)/mypy

layers: $(VENV)/dev.stamp
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m compileall -q $(wildcard $(PACKAGES))
	$(BIN)/python -m benchmarks

# Pins every dependency with its hashes, and setuptools, which builds the project itself. Needs uv; nothing else does.
UV ?= uv
PIN := $(UV) pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --upgrade
lock:
	echo 'setuptools>=77' | $(PIN) pyproject.toml - -o requirements.lock
	echo 'setuptools>=77' | $(PIN) --extra dev -c requirements.lock pyproject.toml - -o requirements-dev.lock

# Client libraries in JavaScript that tests drive; without npm those tests are skipped.
$(NODE_CLIENTS)/node_modules/.package-lock.json: $(NODE_CLIENTS)/package-lock.json
	cd $(NODE_CLIENTS) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	rm -rf $(VENV) $(NODE_CLIENTS)/node_modules tests/peers/fedify/node_modules .cache build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Heliograph needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
		     "Say which to use: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }

$(BIN)/python: | check-python
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
