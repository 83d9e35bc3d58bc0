"""What the site's search finds, in which order, and what it shows of it."""

import pytest

SECTIONS = [
    {"page": "Samplers API", "title": "DDIM", "kind": "api", "text": "DDIM DDIM DDIM step"},
    {"page": "Basics", "title": "Basics", "kind": "chapter", "text": "noise and data, with DDIM"},
    {"page": "Guidance", "title": "What it samples", "kind": "chapter",
     "text": "classifier-free guidance of the colour model, reparametrised"},
    {"page": "Samplers", "title": "DDIM", "kind": "page", "text": "the step that mixes again"},
    {"page": "Run", "title": "Licence", "kind": "page", "text": "text and weights are free"},
    {"page": "Glossary", "title": "classifier-free guidance, CFG", "kind": "term", "text": "going"},
    {"page": "Basics", "title": "Time", "kind": "chapter", "text": "remarks on the schema of time"},
]
SYNONYMS = [["classifier-free guidance", "CFG", "guidance scale"],
            ["license", "licence", "MIT licence"]]


@pytest.fixture
def find(ask):
    """Page and title of what a query finds, best first."""
    def search(query: str) -> list[str]:
        return ask("const sections = S.prepare(given.sections);"
                   "return S.search(given.query, {sections, synonyms: given.synonyms})"
                   ".map((s) => `${s.page}: ${s.title}`);",
                   {"query": query, "sections": SECTIONS, "synonyms": SYNONYMS})
    return search


def test_the_book_comes_before_the_api(find) -> None:
    assert find("ddim") == ["Samplers: DDIM", "Basics: Basics", "Samplers API: DDIM"]


@pytest.mark.parametrize("query", ["CFG", "classifier free guidance", "Guidance scale"])
def test_a_name_finds_what_is_called_otherwise(find, query) -> None:
    assert find(query) == ["Glossary: classifier-free guidance, CFG", "Guidance: What it samples"]


@pytest.mark.parametrize(("query", "found"), [
    ("reparameterization", "Guidance: What it samples"),
    ("color", "Guidance: What it samples"),
    ("license", "Run: Licence"),
    ("weights free", "Run: Licence"),
    ("schemas", "Basics: Time"),
    ("time remarks", "Basics: Time"),
])
def test_spellings_and_plurals(find, query, found) -> None:
    assert find(query) == [found]


@pytest.mark.parametrize("query", ["ema", "noise licence", "", "  ", "*", "("])
def test_nothing_is_found_where_nothing_is(find, query) -> None:
    assert find(query) == []


def test_a_phrase_that_hardly_anybody_uses_is_looked_for_word_by_word(ask) -> None:
    found = ask("return S.search('time remarks', {sections: S.prepare(given), synonyms: "
                "[['time remarks', 'remark']]}).map((s) => s.title);", SECTIONS)
    assert found == ["Time"]


def test_a_snippet_shows_and_marks_the_place(ask) -> None:
    text = "word " * 60 + "here stands classifier-free guidance, at last " + "word " * 60
    pieces = ask("return S.snippet(given.text, 'CFG', given.synonyms, 120);",
                 {"text": text, "synonyms": SYNONYMS})
    assert [piece for piece, met in pieces if met] == ["classifier-free guidance,"]
    shown = "".join(piece for piece, _ in pieces)
    assert shown.startswith("… ") and shown.endswith("…") and len(shown) < 160
