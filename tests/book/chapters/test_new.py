"""A new chapter is laid out so that it builds and passes at once."""

import pytest

from bookext.chapters.new import lay_out


def test_a_new_chapter_is_laid_out(miniature):
    (miniature.package / "checks").mkdir()
    (miniature.root / "book" / "definitions.toml").write_text(
        '[eq-known]\nreason = "It is there."\n', "utf-8")
    page, checks = lay_out(miniature, "10-my-topic")
    assert "book/chapters/10-my-topic" in (miniature.root / "_toc.yml").read_text("utf-8")
    assert miniature.is_chapter("book/chapters/10-my-topic")
    assert "MODULE" not in page.read_text("utf-8") and "LABEL" not in page.read_text("utf-8")
    names: dict = {}
    exec(compile(checks.read_text("utf-8"), str(checks), "exec"), names)
    for number in range(1, 5):
        names[f"check_{number}"](lambda x, k=number: k * x)
        with pytest.raises(AssertionError):
            names[f"check_{number}"](lambda x: 0 * x)
    with pytest.raises(ValueError, match="exists"):
        lay_out(miniature, "10-my-topic")
    with pytest.raises(ValueError, match="like 10-my-topic"):
        lay_out(miniature, "my topic")
    with pytest.raises(ValueError, match="there is an equation eq-known already"):
        lay_out(miniature, "11-known")
    lay_out(miniature, "11-know")  # part of a label is no label
