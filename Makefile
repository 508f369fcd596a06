# Needs only Python >= 3.11, pip and make. Everything goes into .venv; `make clean` takes it away again.
#   make demo    install what a run needs, run a small tumour with three therapies, write the report
#   make test    install everything, run the default test suite
PYTHON ?= python3
SIZE   ?= small

VENV := .venv
BIN  := $(VENV)/bin
PY   := $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint docs bench lock clean

help:
	@echo "make setup   .venv with the vesiflux command and all development tools"
	@echo "make demo    run a small tumour with three therapies and write a report (runtime packages only)"
	@echo "make test    the default test suite"
	@echo "make lint    ruff, mypy, import-linter"
	@echo "make docs    the documentation site, into site/"
	@echo "make bench   benchmarks against peers, into benchmarks/results.json"
	@echo "make lock    regenerate requirements.lock and requirements-dev.lock"
	@echo "make clean   remove .venv, caches and built files (runs and reports stay)"

# uv installs several times faster; it is used where it is found or can be had, and pip where it is not or fails.
# --without-pip and `pip --python` also work where Python was split up and ensurepip is missing.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "vesiflux needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --without-pip $(VENV)
	@command -v uv >/dev/null || $(PYTHON) -m pip --python $(PY) install -q "uv>=0.5" || echo "no uv: using pip"
	@touch $@

# $(call install,LOCK): the hashed lock, then the package itself, built with the build tools from the lock.
define install
	@echo "installing $(1) into $(VENV)"; \
	uv=$$(command -v uv || ls $(BIN)/uv 2>/dev/null); \
	into() { "$$@" --require-hashes -r $(1) && "$$@" --no-deps --no-build-isolation -e .; }; \
	{ test -n "$$uv" && into "$$uv" pip install -q --python $(PY); } || \
	    into $(PYTHON) -m pip --python $(PY) install -q
endef

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.made
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.made
	$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.runtime

setup: $(VENV)/.dev

demo: $(VENV)/.runtime
	$(BIN)/vesiflux run tme --set size=$(SIZE) --out vesiflux-runs --report vesiflux-report

# A file's runs are made by one worker. In the files' own order: by number of tests the tutorials, long and few, came last.
test: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -q

# All checks run, so that one look shows everything.
lint: $(VENV)/.dev
	@failed=; for check in "ruff check ." "ruff format --check --quiet ." mypy lint-imports; do \
	    echo "== $$check"; $(BIN)/$$check || failed="$$failed, $$check"; done; \
	test -z "$$failed" || { echo "failed: $${failed#, }"; exit 1; }

docs: $(VENV)/.dev
	$(BIN)/mkdocs build --strict -q

bench: $(VENV)/.dev
	@for file in $$(grep -l __main__ benchmarks/p*.py); do \
	    echo "== $$file"; $(PY) -m benchmarks.$$(basename $$file .py) || exit 1; done

# No header, no annotations: the locks hold names, versions and hashes, and no address of any registry.
UV := $(or $(shell command -v uv),$(BIN)/uv)
LOCK := $(UV) pip compile pyproject.toml --universal --no-header --no-annotate --generate-hashes -q
lock: | $(VENV)/.made
	$(LOCK) --all-extras --group dev -o requirements-dev.lock
	$(LOCK) --group build -c requirements-dev.lock -o requirements.lock
	@! grep -nE 'https?://|index-url|find-links' requirements.lock requirements-dev.lock

clean:
	rm -rf $(VENV) site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
