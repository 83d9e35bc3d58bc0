"""What a sentence quotes is what the run wrote."""

import pytest
from myst_nb.ext.glue import crossref, roles

from bookext.site import glued


@pytest.fixture
def _mended(monkeypatch) -> None:
    for module in (roles, crossref):
        monkeypatch.setattr(module, "format_plain_text", glued.CHOSEN)
    glued.setup(None)


@pytest.mark.usefixtures("_mended")
@pytest.mark.parametrize("form", ["", "s"])
@pytest.mark.parametrize("text", ["1,000", "0.60", "8,103", "1, 3, 10", "0x10", "0.5 ± 0.1"])
def test_a_glued_text_is_printed_as_it_stands(text, form) -> None:
    for module in (roles, crossref):
        assert module.format_plain_text(text, form) == text


@pytest.mark.usefixtures("_mended")
def test_a_form_in_the_prose_still_counts() -> None:
    assert roles.format_plain_text("0.123", ".1f") == "0.1"
