# make demo and make test are all that a fresh machine needs; `make help` tells the rest.
.DEFAULT_GOAL := help
.PHONY: help setup demo test verify check format lock clean-venv

BIN := .venv/bin
ROOMS := $(wildcard core matchers bots flows console doors sandbox run.py)
PYTEST_WORKERS := 4 # nights mostly wait for pages
# whole files to a process, in the order of the tree: the long nights begin early
PYTEST := $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder --durations=10

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-11s %s\n", $$1, $$2}'

setup: ## .venv and what the machine lacks; a moment when nothing is missing
	@sh .ci/setup.sh

demo: setup ## plays one night against the practice world, and prints where the report lies
	@$(BIN)/python run.py demo

test: check ## format, lint, types, imports, then every test except the long matrices
	$(PYTEST)

verify: check ## everything, the long matrices included
	$(PYTEST) -m "not bench"

check: setup ## format, lint, types, imports
	$(BIN)/ruff format --check --output-format concise . || { echo "\`make format\` puts it right"; exit 1; }
	$(BIN)/ruff check --output-format concise .
	$(BIN)/mypy $(ROOMS) tests
	$(BIN)/mypy --platform win32 core/posix.py
	$(BIN)/lint-imports --no-logo

format: setup ## puts format and what lint can mend right
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: ## asks for the newest versions that requirements*.in allow, and writes the lock anew
	@sh .ci/lock.sh

clean-venv: ## forgets .venv
	rm -rf .venv
