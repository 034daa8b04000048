# Two commands to know: `make serve` and `make test`. `make help` lists the rest.

# The first Python that is new enough and can make environments.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

help: ## Lists these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

serve: $(RUN) ## Installs what is needed and serves the site (PORT=8000)
	@exec $(BIN)/python manage.py serve

test: $(DEV) browser ## Runs every test, with a real Chromium
	@$(BIN)/pytest

test-long: $(DEV) browser ## Runs the trials that take minutes, in full: for every night
	@POSTIL_FULL=1 $(BIN)/pytest -m 'long or hypothesis' -n 0 -s

test-postgres: $(DEV) ## Runs the tests that use the database on a PostgreSQL of their own
	@$(BIN)/python tests/support/on_postgres.py

lint: $(DEV) ## Checks style, types, migrations and settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --check --target-version 5.2
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run
	SITE_URL=https://blog.example.org TRUSTED_PROXIES=127.0.0.1 $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/python tests/support/check_sizes.py
	@$(BIN)/python tests/support/messages.py --check
	@$(BIN)/python tests/support/find_holes.py

messages: $(DEV) ## Renews the catalogues of translations from the code, and compiles them
	@$(BIN)/python tests/support/messages.py

format: $(DEV) ## Puts code and templates into the house style
	$(BIN)/ruff check --fix-only --select I .
	$(BIN)/ruff format .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 || true

bench: $(DEV) ## Measures and prints what pages cost
	@for part in pages front scale search posting moderating threads notes duplicates spam mail fetch linkbacks backup nodes serve; do $(BIN)/python tests/benchmarks/$$part.py && echo; done

docs: $(DEV) ## Writes the tables of docs/configure.md, people.md and theme.md
	@$(BIN)/python tests/support/settings_table.py
	@$(BIN)/python tests/support/roles.py
	@$(BIN)/python tests/support/theme_table.py

test-docs: $(DEV) ## Follows README and docs in an empty folder, command by command
	@$(BIN)/python tests/support/run_docs.py

wheel: $(DEV) ## Builds the wheel that pipx and uv install, into dist/
	@$(BIN)/python -m hatchling build -t wheel

lock: $(DEV) ## Writes deploy/requirements*.txt from pyproject.toml
	$(BIN)/uv pip compile $(LOCK) --extra postgres -o deploy/requirements.txt
	$(BIN)/uv pip compile $(LOCK) $(ALL) -c deploy/requirements.txt -o deploy/requirements-all.txt
	$(BIN)/uv pip compile $(LOCK) $(ALL) --extra dev -c deploy/requirements-all.txt -o deploy/requirements-dev.txt
	$(BIN)/uv pip compile $(HOW) --group build -c deploy/requirements-dev.txt -o deploy/requirements-build.txt
ALL := --extra postgres --extra s3 --extra redis --extra metrics --extra sentry --extra oidc
HOW := -q -U --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate
LOCK := $(HOW) pyproject.toml

vendor: ## Renews the scripts of others in static/js/vendor (needs npm)
	@$(or $(wildcard $(BIN)/python),python3) tests/support/vendor.py

browser: $(DEV)
	@$(BIN)/python tests/support/install_browser.py

$(RUN): deploy/requirements.txt
	@test -n "$(PYTHON)" || { echo "Postil needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv)."; exit 1; }
	@echo "Installing into $(VENV) with $(PYTHON); the first time takes a minute."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(DEV): deploy/requirements-dev.txt $(RUN)
	@echo "Installing what the tests need."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: help serve test test-long test-postgres test-docs docs messages lint format bench lock wheel vendor browser
.DEFAULT_GOAL := help
