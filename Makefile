# Each target is a short line over ordinary tools. Where pip takes torch from is pip's own
# configuration; README.md names an option for a build without CUDA.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
EXT    := PYTHONPATH=book/_ext
JB     := $(EXT) $(VENV)/bin/jupyter-book build . -W -n --keep-going
RECIPES = $(subst _,-,$(basename $(notdir $(wildcard code/diffusionbook/recipes/[a-z]*.py))))

.PHONY: help book test lint serve lab pdf offline outputs execute notebooks evidence train bench rivals \
	mutants chapter clean

help:            ## list the targets (this is the default)
	@grep -E '^[a-z]+: .*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

book: $(VENV)/.book      ## build the HTML book from committed outputs; runs no chapter
	@echo "Building the book, which takes about a minute ..."
	@BOOK_EXECUTE=never $(JB) -q

test: $(VENV)/.test      ## the default tests
	$(PY) -m pytest -n 2

lint: $(VENV)/.test      ## style of code and chapters
	$(VENV)/bin/ruff check code book/_ext tests
	$(EXT) $(PY) -m bookext.chapters.lint
	$(PY) tests/tools/check_encodings.py

serve:           ## show the built book on localhost (PORT=8000; default: the first free one from there)
	@$(PYTHON) book/_ext/show.py _build/html $(PORT)

lab: $(VENV)/.lab        ## write the notebooks that are missing and open them in JupyterLab
	BOOK_EXECUTE=never $(JB) --builder custom --custom-builder notebooks
	$(VENV)/bin/jupyter lab --notebook-dir notebooks

pdf: $(VENV)/.test       ## build the PDF with XeLaTeX and look at what it made
	BOOK_EXECUTE=never $(JB) --builder pdflatex
	$(PY) tests/tools/check_pdf.py _build/latex
	@echo && echo "Open $(CURDIR)/_build/latex/learning-diffusion-models.pdf"

offline: book    ## zip the site, which works from a folder without a network (after make pdf: with the PDF)
	@$(PYTHON) book/_ext/offline.py _build/html

outputs: $(VENV)/.book   ## run the stale chapters (ALL=1: all) and write book/_outputs
	$(EXT) $(PY) -m bookext.chapters.refresh $(if $(ALL),--all)

execute: $(VENV)/.book   ## run every chapter in a scratch place and compare with book/_outputs (VERSIONS=any)
	$(EXT) $(PY) -m bookext.chapters.compare $(if $(filter any,$(VERSIONS)),--stale-too)

evidence:        ## what each result and receipt depends on, and whether it still holds
	@PYTHONPATH=code $(PYTHON) -m diffusionbook.evidence

train: $(if $(RECIPE),$(VENV)/.train)    ## train a shipped model (RECIPE=name; AGAIN=1: replace it)
	@test -n "$(RECIPE)" || { echo "make train needs RECIPE=name, one of: $(RECIPES)" >&2; exit 2; }
	@$(PY) -m diffusionbook train $(RECIPE) $(if $(AGAIN),--again)

bench: $(VENV)/.test     ## measure the budgets and print them (RECORD=1: keep them)
	$(PY) tests/tools/rivals.py
	$(PY) tests/tools/bench.py $(if $(RECORD),--json tests/tools/bench.json --readme README.md)

rivals: $(VENV)/.test    ## train the quick digits recipe beside two public implementations (an hour or two)
	$(PY) tests/tools/rivals.py --measure

.PHONY: notebooks
notebooks: $(VENV)/.book ## run what readers download in a clean environment and compare (after make book)
	$(EXT) $(PY) -m bookext.notebooks.check

mutants: $(VENV)/.test   ## break the package at random; the tests must notice
	$(PY) tests/tools/mutants.py

chapter: $(if $(NAME),$(VENV)/.book)   ## lay out a new chapter (NAME=10-my-topic)
	@test -n "$(NAME)" || { echo "make chapter needs NAME=, such as NAME=10-my-topic" >&2; exit 2; }
	$(EXT) $(PY) -m bookext.chapters.new "$(NAME)"

clean:           ## remove what was built; keeps .venv
	rm -rf _build book/pages/api
	rm -f book/pages/verified-equations.md book/pages/run-times.md book/pages/proof.md book/pages/models.md book/pages/api.md

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(VENV)/.book: constraints.txt pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet -c constraints.txt -e ".[book]"
	@touch $@

$(VENV)/.test: constraints.txt pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet -c constraints.txt -e ".[book,test]"
	@touch $@

$(VENV)/.lab: constraints.txt pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet -c constraints.txt -e ".[book,lab]"
	@touch $@

$(VENV)/.train: constraints.txt pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet -c constraints.txt -e ".[train]"
	@touch $@
