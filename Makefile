# One word per chore. Everything happens inside .venv and node_modules; the second run is quick.
# Ctrl-C and start again at any time: a stamp is only written when its step is done.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTHON := $(firstword $(foreach p,python3 python3.13 python3.12 python3.11 python3.14,\
	$(if $(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print(1)' 2>/dev/null),$(p))))

ENVIRONMENT := $(VENV)/.stamp-environment
INSTALLED := $(VENV)/.stamp-installed
DASHBOARD := $(VENV)/.stamp-dashboard
NODE_MODULES := $(VENV)/.stamp-node-modules

.DEFAULT_GOAL := help
.PHONY: help demo test soak native mutate kill-test react lint fmt bench schema lock install clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## Show a living house in the browser: no meter, no account, no network needed
	@scripts/system-packages.sh demo
	@$(MAKE) -s --no-print-directory $(DASHBOARD)
	@$(BIN)/kwartier demo $(DEMO)

test: ## Run all tests
	@scripts/system-packages.sh test
	@$(MAKE) -s --no-print-directory $(DASHBOARD) $(NODE_MODULES)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(TEST)

soak: $(INSTALLED) $(if $(NATIVE),native) ## Simulate years of sites with faults, seed after seed; stop and go on at any time (NATIVE=1: compiled)
	@$(if $(NATIVE),PYTHONPATH=build/native) $(BIN)/kwartier soak --report docs/proof-figures.md $(SOAK)

native: $(INSTALLED) ## Compile the rooms that decide and simulate into build/native (needs gcc and python3-dev)
	@$(BIN)/python scripts/native.py

lint: $(INSTALLED) ## Check style, types and the arrows between rooms
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

fmt: $(INSTALLED) ## Format the code
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

bench: $(INSTALLED) ## Measure
	@for file in benchmarks/bench_*.py; do echo "$$file";  $(BIN)/python "$$file" || exit 1; done

mutate: $(INSTALLED) ## Make mistakes in the safety rules and see the tests notice each
	@$(BIN)/python scripts/mutate.py $(MUTATE)

KILLS ?= 1000
kill-test: $(INSTALLED) ## kill -9 the real controller KILLS times under load (resumable)
	@$(BIN)/python -m tests.process.kill_loop --kills $(KILLS)

react: $(INSTALLED) ## Time from an overload to back under its limit over real sockets, a hundred times at each site (an hour)
	@$(BIN)/python benchmarks/bench_reaction.py --sites 4 --at-least 100 $(REACT)

schema: $(INSTALLED) ## Write the JSON schema of the site file anew
	@$(BIN)/kwartier schema > $(VENV)/site.schema.json
	@mv $(VENV)/site.schema.json src/kwartier/config/site.schema.json

lock: $(INSTALLED) ## Choose the newest versions that fit and write requirements/*.txt
	@scripts/lock.sh $(BIN)

install: $(DASHBOARD) ## Make .venv with Kwartier in it

clean: ## Remove everything that the other words made
	rm -rf $(VENV) node_modules dist build src/kwartier/web/static/vendor
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(ENVIRONMENT): requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Kwartier needs Python 3.11 or newer; on Debian 12: apt-get install python3"; exit 1; }
	@echo "Making $(VENV) with $(PYTHON) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --require-hashes --requirement requirements/dev.txt
	@touch $@

$(INSTALLED): $(ENVIRONMENT) pyproject.toml
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DASHBOARD): $(INSTALLED) hatch_build.py package-lock.json
	@$(BIN)/python hatch_build.py
	@! command -v npm >/dev/null || touch $@

$(NODE_MODULES): package.json package-lock.json | $(INSTALLED)
	@if command -v npm >/dev/null; then npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $@; \
	else echo "npm is not installed, so the tests of the dashboard's code are skipped."; fi
