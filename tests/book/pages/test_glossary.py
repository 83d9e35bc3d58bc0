"""The glossary: names that readers look up, each once, each with a place where it is defined."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[3] / "book/pages/glossary.md").read_text("utf-8")
BODY = PAGE.split(":sorted:")[1].split(":::")[0]
ENTRIES = [entry.splitlines() for entry in BODY.strip().split("\n\n")]
NAMES = [line for entry in ENTRIES for line in entry if not line.startswith(" ")]


def test_no_name_has_two_entries() -> None:
    folded = [name.lower() for name in NAMES]
    assert len(folded) == len(set(folded)) > 100


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[0])
def test_an_entry_says_what_it_is_and_where(entry) -> None:
    said = " ".join(line.strip() for line in entry if line.startswith(" "))
    assert re.search(r"\{(eq|ref|py:obj)\}`", said), "no link to where the book defines it"
    assert len(said.split("{")[0]) < 240, "a line is enough"


@pytest.mark.parametrize("name", ["CFG", "ELBO", "DDIM", "reparameterization", "score", "FID"])
def test_names_that_readers_look_up(name) -> None:
    assert name in NAMES
