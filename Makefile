# Thin: what is installed and how stands in docker/setup.sh.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint bench pictures clean
# A run of the tests starts hundreds of programs: none compiles anew what another has.
export PYTHONDONTWRITEBYTECODE :=
SHELLED := .ci/run $(wildcard docker/*.sh)

help:
	@echo "make demo    serve the sample district; ARGS='--size street --port 9000 --reset' for its options"
	@echo "make setup   install what is missing: Debian packages, .venv, assets of the pages"
	@echo "make test    make check, and all tests; ARGS='-k name' for some"
	@echo "make check   formatting, lint, types, direction of imports, scripts, containers"
	@echo "make lint    make check without the types, which take longest"
	@echo "make bench   the measures, as ratios in one run; ARGS='lookup' for one"
	@echo "make pictures  draw the pictures of the help anew from the sample district; ARGS='board' for one"
	@echo "make clean   remove what set-up and tests made; data under .gridmap/ stays"

setup:
	@docker/setup.sh dev

demo:
	@docker/setup.sh runtime
	@.venv/bin/gridmap demo $(ARGS)

# Tests wait for each other's servers half of the time: one run more than there are cores. Types take one core half a
# minute: beside them. What is wrong with types is said last.
test: lint
	@said=$$(mktemp); .venv/bin/mypy >"$$said" 2>&1 & types=$$!; \
	.venv/bin/python -m pytest -n $$(($$(nproc) + 1)) --dist loadfile $(ARGS); tests=$$?; \
	wait $$types; typed=$$?; [ $$typed = 0 ] || cat "$$said"; rm -f "$$said"; exit $$((tests + typed))

check: lint
	@.venv/bin/mypy

lint: setup
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/lint-imports
	@shellcheck $(SHELLED)
	@.venv/bin/yamllint --strict docker/compose.yaml
	@.venv/bin/hadolint docker/Dockerfile

bench: setup
	@.venv/bin/python -m tests.benchmarks $(ARGS)

pictures: setup
	@.venv/bin/python -m tests.pictures $(ARGS)

clean:
	rm -rf .venv service/maps/frontend/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf build dist ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
