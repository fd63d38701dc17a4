# Each verb does its own set-up; a second run does none. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help install chat test test-all check eval bench clean
.DEFAULT_GOAL := help

help:
	@echo "make install   the environment, in .venv"
	@echo "make chat      the page; builds the index of the sample corpus if there is none"
	@echo "make test      the test suite, without the network"
	@echo "make check     lint and types"
	@echo "make eval      the evaluation on the live index"
	@echo "make bench     speed and memory"

# The constraints pin everything; torch comes first, so that nothing pulls another build of it.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

install: $(INSTALLED)

chat: install
	$(BIN)/python app.py

test: install
	$(BIN)/python -m pytest

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

eval: install var/index/CURRENT
	$(BIN)/python -m eval.run

bench: install var/index/CURRENT
	$(BIN)/python -m benchmarks.speed

var/index/CURRENT: | install
	$(BIN)/python -m index build

clean:
	rm -rf $(VENV) var build *.egg-info
