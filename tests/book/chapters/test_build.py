"""What a build does: nothing runs that must not, and whatever is wrong fails it."""

import re

import pytest

pytestmark = pytest.mark.slow

ONE, TWO = "book/chapters/one", "book/chapters/two"


def text(result):
    return re.sub(r"\x1b\[[\d;]*m", "", result.stdout + result.stderr)


def test_the_life_of_a_book(built):
    """From committed outputs to a page; stale by an edit; fresh again by the command it names."""
    result = built.build()
    assert result.returncode == 0, text(result)
    assert "running book/" not in text(result)
    page = (built.root / "_build/html/book/chapters/one.html").read_text("utf-8")
    assert re.search(r"Some prose, and .*42", page)

    built.edit("code/diffusionbook/low.py", "2", "3")
    result = built.build()
    assert result.returncode != 0
    assert ONE in text(result) and TWO not in text(result)
    assert "make outputs" in text(result)

    assert "1 chapters ran" in text(built.outputs())
    assert built.build().returncode == 0
    page = (built.root / "_build/html/book/chapters/one.html").read_text("utf-8")
    assert re.search(r"Some prose, and .*63", page)


def test_a_stale_result_fails_the_build_beside_stale_chapters(built):
    built.edit("code/diffusionbook/other.py", '"word"', '"other"')
    result = built.build()
    assert result.returncode != 0
    assert "python -m diffusionbook experiment tiny-result" in text(result)
    assert TWO in text(result) and ONE not in text(result)


def test_an_author_may_let_the_build_run_stale_chapters(miniature):
    assert miniature.build(execute="").returncode == 0
    assert not list(miniature.committed.rglob("*.ipynb"))
    assert "no committed outputs" in text(miniature.build())


def test_a_failing_cell_fails_the_build_and_the_refresh(miniature):
    miniature.edit(f"{TWO}.md", "from diffusionbook import other", "from diffusionbook import gone")
    for result in (miniature.build(execute=""), miniature.outputs(), miniature.execute()):
        assert result.returncode != 0
        assert "ImportError" in text(result) and TWO in text(result)


def test_a_warning_fails_the_build_every_time(built):
    broken = "{ref}`nowhere` {eq}`eq-nowhere` {glue:text}`nothing` {py:func}`diffusionbook.no`"
    built.edit(f"{TWO}.md", "Some prose", broken)
    for _ in range(2):  # an incremental build does not forget it
        result = built.build()
        assert result.returncode != 0
        for word in ("nowhere", "eq-nowhere", "nothing", "diffusionbook.no"):
            assert re.search(rf"two\.md.*WARNING.*\b{word}\b", text(result)), word
    built.edit(f"{TWO}.md", broken, "Mended prose")
    assert built.build().returncode == 0


def test_a_build_survives_one_that_was_killed(built):
    """As a kill leaves it: pages are remembered as read, and nothing was written to the end."""
    assert built.build().returncode == 0
    trees = next(built.root.glob("_build/**/environment.pickle")).parent
    assert not (trees / "cut-off").exists()
    (trees / "cut-off").touch()
    index = next(built.root.glob("_build/**/searchindex.js"))
    whole = index.read_text("utf-8")
    index.unlink()
    assert built.build().returncode == 0
    assert index.read_text("utf-8") == whole and not (trees / "cut-off").exists()


def test_text_on_stderr_fails_the_build(miniature):
    miniature.edit(f"{TWO}.md", 'report.glue("word"',
                   'import sys; print("watch out", file=sys.stderr)\nreport.glue("word"')
    assert miniature.outputs().returncode == 0
    assert "stderr" in text(miniature.build())


def test_outputs_edited_by_hand_are_caught(built):
    """By the build at once; and, where the edit hides its traces, by running everything."""
    from bookext.chapters import outputs

    path = built.committed / f"{ONE}.ipynb"
    assert built.execute().returncode == 0
    path.write_text(path.read_text("utf-8").replace('"42"', '"43"'), "utf-8")
    result = built.build()
    assert result.returncode != 0 and "edited by hand" in text(result)
    assert "edited by hand" in text(built.execute())

    kept = outputs.load(path)
    honest = kept.metadata[outputs.RECORD]["digest"]
    forged = path.read_text("utf-8").replace(honest, outputs.digest(kept)).replace(
        '"value": 42', '"value": 43')
    path.write_text(forged, "utf-8")
    kept = outputs.load(path)
    digest = kept.metadata[outputs.RECORD]["digest"]
    path.write_text(forged.replace(digest, outputs.digest(kept)), "utf-8")
    assert built.build().returncode == 0
    result = built.execute()
    assert result.returncode != 0 and "answer is 42, committed 43" in text(result)
