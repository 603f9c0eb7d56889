# What each target does is in README.md, "For developers".
# uv is used where it is installed; plain venv and pip do the same everywhere else.
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1
unexport PYTHONDONTWRITEBYTECODE

ifdef UV
VENV = test -x $(BIN)/python || uv venv --quiet --python '>=3.11' .venv
INSTALL = uv pip install --quiet --python $(BIN)/python
else
VENV = test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
  { echo 'This machine cannot make a virtual environment. On Debian: apt-get install make python3-venv' >&2; exit 1; }
INSTALL = $(BIN)/python -m pip install --quiet
endif

.PHONY: setup setup-dev demo test test-slow bench lint lock wire messages screenshots clean

setup: .venv/.run
setup-dev: .venv/.dev

.venv/.run: requirements.lock pyproject.toml
	@echo 'Setting up .venv (once) …'
	@$(VENV)
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps -e .
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml
	@echo 'Setting up .venv with the test tools (once) …'
	@$(VENV)
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(INSTALL) --no-deps -e .
	@touch .venv/.run $@

demo: setup
	@$(BIN)/sidebar demo

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: setup-dev lint
	@$(BIN)/python tests/browser/bring_chromium.py
	@$(BIN)/python tests/judges/bring_node.py
	$(BIN)/pytest -n 2 --dist loadfile

test-slow: setup-dev lint
	@$(BIN)/python tests/browser/bring_chromium.py
	@$(BIN)/python tests/judges/bring_node.py
	HYPOTHESIS_PROFILE=thorough $(BIN)/pytest -n 2 --dist loadfile

bench: setup-dev
	@$(BIN)/python tests/browser/bring_chromium.py
	$(BIN)/python -m bench

# The rest is for maintainers.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-annotate --no-emit-index-url --no-emit-find-links

lock:
	$(LOCK) pyproject.toml --extra postgres --extra twin -o requirements.lock
	$(LOCK) pyproject.toml --extra postgres --extra twin --group dev -c requirements.lock -o requirements-dev.lock

wire:
	@test -x .make/protoc/bin/python || $(PYTHON) -m venv .make/protoc
	.make/protoc/bin/python -m pip install --quiet grpcio-tools==1.80.0
	.make/protoc/bin/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. sidebar/wire/pubsub_api.proto

# Bring sidebar/locale up to date with the templates. A new language is one more file, by `pybabel init`, and a line in
# LANGUAGES of sidebar/web/render.py. Dates are left out so that nothing changes where no text has.
LOCALE := sidebar/locale
messages: setup-dev
	@$(BIN)/pybabel --quiet extract -F pyproject.toml --sort-by-file --add-location=file -w 120 --project=Sidebar \
	  --header-comment='# Every text of the panel and the admin pages.' -o $(LOCALE)/messages.pot .
	@sed -i '/^"POT-Creation-Date/d' $(LOCALE)/messages.pot
	@for each in $(LOCALE)/*.po; do $(BIN)/pybabel --quiet update -i $(LOCALE)/messages.pot -o $$each \
	  -l $$(basename $$each .po) -w 120 -N --ignore-obsolete --ignore-pot-creation-date || exit 1; done

screenshots: setup-dev
	$(BIN)/python -m tests.browser.take_screenshots

clean:
	rm -rf .venv
