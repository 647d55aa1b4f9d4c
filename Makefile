# Weir. `make` alone lists the targets; each sets up what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV ?= .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
JARS := flink-conf/jars/.ready
SUPPORTED := import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 13))
# The first Python on the path that is not too old or too new; `make PYTHON=...` overrides it.
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.10; do \
	$$p -c '$(SUPPORTED)' 2>/dev/null && echo $$p && exit; done; echo python3)
WORKERS ?= 3
ARGS ?=

.PHONY: help venv jars demo kafka kafka-demo chaos cluster test check lint format bench quality dist schema lock clean distclean

help: ## This list
	@echo "Weir: finds what is sensitive in a stream, masks it by policy, gives each reader only its view."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "Variables: PYTHON (3.10 to 3.12), VENV=$(VENV), WORKERS=$(WORKERS) test processes, ARGS=\"...\" for test, bench, quality."

venv: $(READY) ## The virtual environment with pinned packages (the others do this themselves)

$(READY): requirements/dev.lock setup.py
	@$(PYTHON) -c '$(SUPPORTED)' 2>/dev/null || { \
		echo "Weir needs Python 3.10, 3.11 or 3.12; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing)." >&2; \
		echo "Install one of them, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version): pinned packages, once. This downloads several hundred megabytes."
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(PY) -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@
	@echo "$(VENV) is ready."

jars: $(JARS) ## Flink's connectors, and the servers of the Kafka tests, fetched with Maven and checked

$(JARS): flink-conf/pom.xml flink-conf/kafka/pom.xml flink-conf/jars.sha256 | $(READY)
	@$(PY) flink-conf/jars.py
	@touch $@

demo: $(READY) ## A real stream, classified, masked, routed and audited on a local Flink
	@$(PY) -m examples.orders.demo $(ARGS)

kafka: $(READY) $(JARS) ## A Kafka broker with TLS, users and rights, and a schema registry, until Ctrl-C
	@$(PY) -m examples.kafka.serve $(ARGS)

kafka-demo: $(READY) $(JARS) ## The demo over Kafka topics, with live counts, until Ctrl-C (ARGS="--seconds 30")
	@$(PY) -m examples.kafka $(ARGS)

chaos: $(READY) $(JARS) ## A million records over Kafka while parts of a cluster are killed (ARGS="--records 100000")
	@$(PY) -m tests.kafka.chaos $(ARGS)

cluster: $(READY) ## A Flink cluster on this machine with flink-conf (ARGS="--rest-port 8082"); weir cluster stop ends it
	@$(PY) -m jobs cluster start $(ARGS)

test: $(READY) $(JARS) ## Units, properties, doctests, mini-clusters, a broker (ARGS="-m long" for what takes minutes)
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(READY) ## ruff, mypy --strict, import contracts
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

check: lint test ## What the CI runs: lint, then test

format: $(READY) ## Format the code, and mend what ruff can mend
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

bench: $(READY) $(JARS) ## How fast: job, engine beside its peers, growth, Kafka (ARGS="--only engine --write")
	@$(PY) -m benchmarks.run $(ARGS)

quality: $(READY) ## How right: precision, recall and F2 of detection beside Presidio's; 1 if not better
	@$(PY) -m benchmarks.quality.run $(ARGS)

dist: $(READY) ## Wheel, source archive and cluster archive into dist/, built and checked
	@$(PY) .ci/dist.py

schema: $(READY) ## Write the pages that the code dictates: docs/policy.schema.json and docs/masks.md
	@mkdir -p out
	@$(PY) -m policy.schema
	@$(PY) -m jobs list masks --markdown > out/masks.md && mv out/masks.md docs/masks.md
	@echo "docs/policy.schema.json and docs/masks.md are current."

lock: ## Resolve setup.py again into requirements/*.lock (needs uv on the path)
	@command -v uv >/dev/null || { echo "uv is missing; next: pip install uv" >&2; exit 1; }
	@uv pip compile setup.py --extra dev --universal --python-version 3.10 --generate-hashes \
		--no-header --no-emit-index-url --quiet -o requirements/dev.lock
	@uv pip compile setup.py --extra vault --extra aws --extra postgres -c requirements/dev.lock --universal \
		--python-version 3.11 --no-emit-package apache-flink-libraries --generate-hashes \
		--no-header --no-emit-index-url --quiet -o requirements/runtime.lock

clean: ## Remove what builds, tests and demo wrote
	@rm -rf build dist out *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## clean, and remove the virtual environment and the jars
	@rm -rf $(VENV) flink-conf/jars
