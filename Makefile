# make run: set up, index, serve the chat.  make test: set up, then every check.  Both may be repeated.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than there are cores, up to five: tests wait a third of the time, for browsers and servers.
PROCESSES ?= $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count(), 4) + 1)')
# Nothing asks the internet for models; the packaged one is used.
export HF_HUB_OFFLINE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint types unit gate benchmark clean

run: $(VENV)/run.ok
	@$(BIN)/python app.py

test: lint types unit

lint: $(VENV)/test.ok
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test.ok
	$(BIN)/mypy

unit: $(VENV)/test.ok
	$(BIN)/crpd-qa index --if-stale
	$(BIN)/pytest --numprocesses $(PROCESSES) --dist worksteal --durations 40

benchmark: $(VENV)/run.ok
	$(BIN)/python eval/benchmarks/latency.py

clean:
	rm -rf $(VENV) build index/library

# pip's own progress bar shows the download, and nothing what follows; the marks make a second run quick.
# What the tests need holds all of `run`.
$(VENV)/run.ok: EXTRAS := build,multilingual
$(VENV)/test.ok: EXTRAS := build,cluster,evaluate,mcp,milvus,multilingual,redis,test

$(VENV)/run.ok $(VENV)/test.ok: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crpd-qa needs Python 3.11 or newer; name one: make run PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing: pip downloads some 90 packages and unpacks 2 GB. It can be silent for minutes, up to 15 on a slow machine; the library is made next."
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@touch $(VENV)/run.ok $@
