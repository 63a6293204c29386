# `make help` prints the targets. Everything is made inside this folder; nothing needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SITE := 'import sysconfig; print(sysconfig.get_path("purelib"))'
BIOME := node_modules/.bin/biome
TEMPLATES := webapp/templates demo/templates
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test check format bench train setup setup-dev translations clean

help:  ## Print what can be made
	@grep -E '^[a-z-]+:.*## ' Makefile | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: setup  ## Start everything with the sample brand; stop with Ctrl-C
	@$(BIN)/otklik run --sample

# Groups: make test ARGS=--help. All of them need torch as well: its environment is made while the first ones run.
test: setup-dev  ## Run all tests (what this machine lacks is named at the end)
	@$(BIN)/python -m tests $(ARGS)

check: setup-dev  ## Lint, format and types of the code, templates, CSS and JavaScript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/djangofmt --check --quiet $(TEMPLATES)
	$(BIN)/djangofmt check $(TEMPLATES)
	$(BIOME) check --error-on-warnings

format: setup-dev  ## Lay out the code, templates, CSS and JavaScript as `make check` wants them
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/djangofmt $(TEMPLATES)
	$(BIOME) check --write

bench: setup-dev  ## Measure; prints a table, writes JSON under var/bench
	$(BIN)/python -m bench $(ARGS)

train: $(VENV)-train/.made  ## Make the tagging model: make train DATA=folder (see sentiment/train)
	@test -n "$(DATA)" || { echo "Say where the training data is: make train DATA=folder"; exit 2; }
	$(VENV)-train/bin/python -m sentiment.train --data $(DATA) $(ARGS)

setup: $(VENV)/.runtime webapp/static/vendor/.made translations  ## Make .venv and fetch the browser libraries
setup-dev: setup $(VENV)/.dev node_modules/.dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Otklik runs on (about a minute) …"
	$(BIN)/pip install --quiet -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-clients.txt $(VENV)/.runtime
	$(BIN)/pip install --quiet -r requirements-dev.txt
	$(BIN)/pip install --quiet -r requirements-clients.txt
	@touch $@

# torch is large, so it has an environment of its own, which sees what .venv has and holds only the rest. Nearly all of
# the rest is never imported, so nothing of it is compiled before it is.
$(VENV)-train/.made: requirements-train.txt $(VENV)/.dev
	$(PYTHON) -m venv --clear $(VENV)-train
	@echo "import site; site.addsitedir('$$($(BIN)/python -c $(SITE))')" > "$$($(VENV)-train/bin/python -c $(SITE))/beside.pth"
	@echo "Installing torch and what training needs (some minutes) …"
	$(VENV)-train/bin/pip install --quiet --no-compile -r requirements-train.txt
	@touch $@

webapp/static/vendor/.made: package.json package-lock.json webapp/vendor.mjs
	npm ci --omit=dev --silent --no-audit --no-fund
	node webapp/vendor.mjs
	@touch $@

# Whoever only runs Otklik needs none of this. It depends on the line above because `npm ci` begins with an empty folder.
node_modules/.dev: package.json package-lock.json webapp/static/vendor/.made
	npm ci --silent --no-audit --no-fund
	@touch $@

translations: $(patsubst %.po,%.mo,$(wildcard webapp/translations/*/LC_MESSAGES/messages.po))

%.mo: %.po | $(VENV)/.runtime
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

clean:  ## Remove what was made here; var/ with your data stays
	rm -rf $(VENV) $(VENV)-train node_modules webapp/static/vendor build *.egg-info
