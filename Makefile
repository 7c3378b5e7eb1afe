# Verbatim. `make help` lists what there is. Needs python3.11 (or newer), pip and make; no root.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
# Compiling every module of every library is half of an installation, and a start needs a fifth of
# them: those that are imported are compiled, and kept whatever the shell says, or each process
# would compile them anew.
unexport PYTHONDONTWRITEBYTECODE
COMPILE_NEEDED := data=$$(mktemp -d) && VERBATIM_DATA=$$data DJANGO_SETTINGS_MODULE=config.settings \
	$(BIN)/python -W ignore -c "import django; django.setup(); \
	from config.runner.children import load_all; load_all()"; rm -rf "$$data"
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--require-hashes --only-binary :all: --no-compile
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --custom-compile-command "make lock"
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help run install install-dev test test-pg lint format lock migrations messages \
	screenshots clean bench

help:  ## this list
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- Use ------------------------------------------------------------------------------

run: install  ## install, prepare and run everything on http://localhost:8000 (PORT=… moves it)
	@MALLOC_ARENA_MAX=2 LEAN=true exec $(BIN)/python manage.py up

install: $(VENV)/.installed  ## create .venv and install the locked dependencies

install-dev: $(VENV)/.installed-dev  ## the same with what tests and checks need

$(BIN)/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Verbatim needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; \
		exit 1; }
	@echo "  Creating $(VENV) with $$($(PYTHON) --version)"
	@# Debian ships Python without ensurepip; the system's pip can fill a venv from outside.
	@$(PYTHON) -m venv $(VENV) 2>/dev/null >&2 || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check pip; }

# A stamp holds the lock it was made from: a clone's file times say nothing.
$(VENV)/.installed: requirements.txt $(BIN)/python
	@cmp -s requirements.txt $@ || { echo "  Installing locked dependencies" && \
		$(PIP_INSTALL) --requirement requirements.txt && $(COMPILE_NEEDED); }
	@cp requirements.txt $@

$(VENV)/.installed-dev: requirements-dev.txt $(BIN)/python
	@cmp -s requirements-dev.txt $@ || { echo "  Installing locked development dependencies" && \
		$(PIP_INSTALL) --requirement requirements-dev.txt && $(COMPILE_NEEDED); }
	@cp requirements-dev.txt $@

# ---- Test -----------------------------------------------------------------------------

test: install-dev  ## the whole suite on SQLite, with real Valkey, workers, SMTP and Chromium
	@$(PYTEST) $(ARGS)

test-pg: install-dev  ## all that speaks of a database, on a PostgreSQL from its wheel
	@$(BIN)/python -m tests.servers postgres -- $(PYTEST) $(ARGS)

lint: install-dev  ## style, types, import rules, migrations, settings, templates
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0
	@$(BIN)/python manage.py compile_templates
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && VERBATIM_DATA=$$data \
		BASE_URL=https://ask.example.com EMAIL_URL=smtp+tls://mail.example.com:587 \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

# ---- Change ---------------------------------------------------------------------------

format: install-dev  ## format the code and sort its imports
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

lock: install-dev  ## compile requirements*.in into locks with hashes (UPGRADE=1: newest allowed)
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements.in --output-file requirements.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements-dev.in --constraint requirements.txt \
		--output-file requirements-dev.txt

migrations: install-dev  ## write the migrations that changed models need
	@$(BIN)/python manage.py makemigrations

messages: install-dev  ## bring the translations up to date (STAFF=pt: also the staff pages, in pt)
	@$(BIN)/python -m tests.translating $(if $(STAFF),--staff $(STAFF))

clean:  ## remove caches and the environment; your data in var/ stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- Measure --------------------------------------------------------------------------

bench: install-dev  ## every benchmark (SCALE=small: a check in minutes)
	@for file in $(filter-out %/bench_export.py,$(wildcard tests/bench/bench_*.py)); do \
		name=$${file##*/bench_}; $(MAKE) --no-print-directory bench-$${name%.py} || exit 1; done

bench-%: install-dev  ## one benchmark, as bench-submit (PUBLISH=1: into docs/performance.md)
	@$(BIN)/python -m tests.bench.bench_$*

bench-numbers: bench-export  ## both are the cost of numbers: of a page, and of a file

soak-kills: install-dev  ## 600 mails, the sender killed 40 times (PG=1: on PostgreSQL)
	@KILL_MAILS=$${KILL_MAILS:-600} KILLS=$${KILLS:-40} $(MAKE) --no-print-directory \
		$(if $(PG),test-pg,test) ARGS="tests/surveys/test_delivery_kills.py -q -s -p no:logging"

soak-%: install-dev  ## a long proof: soak-scanners, soak-traces, soak-cadence
	@$(BIN)/python -m tests.soaks.soak_$*
