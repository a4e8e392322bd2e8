# Everything here creates what it needs: Python 3.11 or newer and make are enough.
.DEFAULT_GOAL := help
.PHONY: help demo demo-engine test test-slow test-full test-covered test-at-length test-pythons test-versions chaos soak lint docs api bench bench-limits conformance build dist sbom clean

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
RUN := .venv/bin/python

# Compiled modules are kept between runs and shared by the processes of one, also where containers turn that off:
# compiling the tests and the package anew takes a quarter of the time of the quick tests.
export PYTHONDONTWRITEBYTECODE :=

help:
	@echo "make demo   a program, imports, a kill, rate limits and an export, on a fake workspace; its files are in attio-demo"
	@echo "make demo-engine   twenty tenants on four workers, of which two are killed; needs PostgreSQL and Redis; STAY=1 leaves its page up"
	@echo "make test   the quick tests"
	@echo "make test-slow     the quick tests, and which twenty of them take longest"
	@echo "make test-full     all tests, those with processes, kills and a browser too, and their coverage"
	@echo "make test-pythons   the tests on every Python from 3.11 that pyenv or PATH offers"
	@echo "make test-versions  tests on the lowest and the newest versions of all dependencies"
	@echo "make chaos  jobs of 2,000 rows, syncs, mirrors and an engine of 50 tenants, killed at random points; takes minutes"
	@echo "make soak   mixed load with faults, cancellations and kills; SECONDS=300 for five minutes instead of thirty"
	@echo "make lint   style, types and layers"
	@echo "make docs   the documentation site, in build/site"
	@echo "make bench  the benchmarks; make bench-limits those of the rate limits, which take minutes"
	@echo "make conformance   the fake against generated requests and other clients, which takes minutes"
	@echo "make dist   wheel and source distribution; make sbom their bill of materials"
	@echo "make build  wheel and source distribution, tried in an empty environment"

$(RUN):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.demo: $(RUN) pyproject.toml constraints.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[cli]"
	@touch .venv/.demo

.venv/.dev: $(RUN) pyproject.toml constraints.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch .venv/.dev .venv/.demo .venv/.docs

.venv/.docs: $(RUN) pyproject.toml constraints.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[docs]"
	@touch .venv/.docs .venv/.demo

demo: .venv/.demo
	@$(RUN) -m attio_async demo

demo-engine: .venv/.dev
	@PYTHONPATH=examples $(RUN) -m many_tenants $(if $(STAY),--stay)

test: .venv/.dev
	$(RUN) -m pytest -q -n auto --dist worksteal -m "not full"

test-slow: .venv/.dev
	$(RUN) -m pytest -q -n auto --dist worksteal -m "not full" --durations=20

test-full: test-covered test-at-length

test-covered: .venv/.dev
	$(RUN) -m pytest -q -n auto --dist worksteal -m "not at_length and not chaos" --cov --cov-report=

test-at-length: .venv/.dev
	$(RUN) -m pytest -q -n auto --dist worksteal -m "at_length and not chaos"

test-pythons:
	scripts/test-pythons.sh

test-versions: .venv/.dev
	scripts/test-versions.sh lowest
	scripts/test-versions.sh newest

chaos: .venv/.dev
	$(RUN) -m pytest -q -n auto --dist worksteal -m chaos
	$(RUN) -m tests.chaos

soak: .venv/.dev
	$(RUN) -m tests.chaos.soak $(SECONDS)

lint: .venv/.dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m codespell_lib
	$(RUN) -m mypy
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(RUN) -m pyright --warnings
	$(RUN) -c "from importlinter.cli import lint_imports_command as lint; lint()"
	PYTHONPATH=src:generated:$$($(RUN) -c 'import sysconfig; print(sysconfig.get_path("purelib"))') PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(RUN) -m pyright --pythonpath $(RUN) --verifytypes attio_async --ignoreexternal >.venv/types.txt || { cat .venv/types.txt; exit 1; }
	$(RUN) scripts/public_api.py

docs: .venv/.docs
	$(RUN) -m scripts.docs_site $(DOCS_VERSION)

api: .venv/.dev
	$(RUN) scripts/public_api.py --write

bench: .venv/.dev
	$(RUN) benchmarks/run.py

bench-limits: .venv/.dev
	$(RUN) benchmarks/run.py limits limits_served limits_shared

conformance: .venv/.dev
	conformance/run.sh $(DESCRIPTION)

build: .venv/.dev
	$(RUN) -m pytest -q tests/packaging

dist: .venv/.dev
	rm -rf dist
	$(RUN) -m build --no-isolation

# The bill of materials of an environment that has the package, all extras and what these need, and nothing else.
sbom: .venv/.dev dist
	rm -rf build/sbom && $(RUN) -m venv build/sbom
	build/sbom/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "$$(ls dist/*.whl)[all]"
	$(RUN) -m venv build/sbom-tool && build/sbom-tool/bin/python -m pip install --quiet cyclonedx-bom
	build/sbom-tool/bin/cyclonedx-py environment build/sbom --pyproject pyproject.toml --output-file build/sbom.cdx.json

clean:
	rm -rf .venv dist build
