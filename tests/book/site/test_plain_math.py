"""Formulas in search results: plain text, and never TeX."""

import re
from pathlib import Path

import pytest

from bookext.book import Book
from bookext.site import maths
from bookext.site.plain_math import plain

BOOK = Book(Path(__file__).resolve().parents[3])
LOOK = maths.look(BOOK.root)
INLINE = re.compile(r"(?<![\\$])\$([^$]+?)\$")


@pytest.mark.parametrize(("tex", "text"), [
    (r"\xt = \alpha\xz + \sigma\ep", "x_t = αx₀ + σε"),
    (r"\tfrac12", "1/2"),
    (r"x_{k-1}", "x_(k-1)"),
    (r"\nabla \log p_t", "∇log p_t"),
    (r"\epnet(\xt, t)", "ε_θ(x_t, t)"),
    (r"\norm{x}^2", "‖ x ‖²"),
    (r"\sqrt{1 - \beta_k}", "√(1 - β_k)"),
    (r"t \in [0, 1]", "t ∈ [0, 1]"),
    (r"\unknowncommand x", "…"),
    (r"\begin{aligned} a &= b \end{aligned}", "…"),
])
def test_plain(tex, text) -> None:
    assert plain(tex, LOOK) == text


def test_nearly_every_formula_of_the_book_can_be_read() -> None:
    written = [tex for name in BOOK.pages() if "api/" not in name for tex in INLINE.findall(
        re.sub(r"\$\$.*?\$\$|```.*?```|`[^`]*`", "", BOOK.source(name).read_text("utf-8"),
               flags=re.S))]
    shown = [plain(tex, LOOK) for tex in written]
    assert len(written) > 1000 and not [text for text in shown if "\\" in text or "{" in text[1:-1]
                                        and "}" not in text]
    assert shown.count("…") < 0.02 * len(shown)
