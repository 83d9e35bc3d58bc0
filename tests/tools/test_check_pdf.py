"""The checks of the printed book find what is planted, in text and in a real run of XeLaTeX."""

import shutil
import subprocess
from pathlib import Path

import check_pdf
import pytest

SOUND_LOG = "This is XeTeX\nOverfull \\hbox (12.0pt too wide) in paragraph at lines 3--4\n[] \n" \
    "Overfull \\vbox (24.6pt too high) detected at line 5\n"
LONG = "LaTeX Warning: Citation `a-key-so-long-that-the-line-is-broken-in-two-by-TeX-itself' o"
FAULTY_LOGS = {
    "LaTeX Warning: Reference `eq-gone' on page 3 undefined on input line 7.\n": "eq-gone",
    f"{LONG[:79]}\n{LONG[79:]}n page 2 undefined on input line 9.\n": "TeX-itself' on page 2",
    "Missing character: There is no 🎉 in font FreeSerif!\n": "🎉",
    "Overfull \\hbox (97.5pt too wide) in paragraph at lines 8--9\n[]\n": "sticks out by 98 pt",
    "Overfull \\vbox (79.48pt too high) detected at line 6206\n": "79 pt too high, at line 6206",
    "LaTeX Warning: Label `fig-a' multiply defined.\n": "fig-a",
    "! Undefined control sequence.\n": "Undefined control",
}
FAULTY_TEXTS = [
    "<Figure size 640x480 with 1 Axes>",
    "<IPython.core.display.HTML object>",
    "<matplotlib.image.AxesImage at 0x7f>",
    "Player object at 0x7f0a",
    "IntSlider(value=3, max=9)",
    "as Section ?? shows",
]
FIGURE = r"\begin{figure}\sphinxincludegraphics[width=5cm]{{fields}.pdf}\caption{Two}\end{figure}"
FAULTY_SOURCES = {
    r"\begin{figure}\caption{Lost}\end{figure}": "a figure without a picture",
    r"Text with \{eq\}`eq-one` left": "unread markup",
    r"```\{figure\} x.png": "unread markup",
    r"\sphinxincludegraphics{{gone}.png}": "no such picture: gone.png",
}


def test_a_sound_book_passes(tmp_path: Path) -> None:
    (tmp_path / "fields.pdf").write_bytes(b"%PDF")
    code = r"\begin{sphinxVerbatim}" + "\n```\\{figure\\} x.png\n" + r"\end{sphinxVerbatim}"
    assert check_pdf.check_log(SOUND_LOG) == []
    assert check_pdf.check_source(FIGURE + code, tmp_path) == []
    assert check_pdf.check_text("1 DIFFUSION\nBASICS\n a < b", ["Diffusion basics"]) == []


@pytest.mark.parametrize("log", FAULTY_LOGS)
def test_faults_in_the_log(log: str) -> None:
    (found,) = check_pdf.check_log(SOUND_LOG + log)
    assert FAULTY_LOGS[log] in found


@pytest.mark.parametrize("text", FAULTY_TEXTS)
def test_faults_in_the_text(text: str) -> None:
    (found,) = check_pdf.check_text(f"Diffusion basics\nA line before\n{text}\nafter", [])
    assert found in text


def test_a_missing_chapter() -> None:
    assert check_pdf.check_text("Notation", ["Notation", "Guidance"]) == [
        "no chapter called 'Guidance'"
    ]


@pytest.mark.parametrize("source", FAULTY_SOURCES)
def test_faults_in_the_source(source: str, tmp_path: Path) -> None:
    (tmp_path / "fields.pdf").write_bytes(b"%PDF")
    (found,) = check_pdf.check_source(f"Before {FIGURE} {source} after", tmp_path)
    assert FAULTY_SOURCES[source] in found


def test_the_table_of_contents_has_titles() -> None:
    found = check_pdf.titles(check_pdf.ROOT)
    assert found and all(title.strip() for title in found)


def test_no_pdf_at_all(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert check_pdf.main([str(tmp_path)]) == 1
    assert "no PDF in" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("xelatex"), reason="Debian's texlive-xetex is not installed")
def test_a_planted_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """One document with a fault of each kind, set by XeLaTeX."""
    (tmp_path / "dot.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "utf8")
    (tmp_path / "book.tex").write_text(
        r"\documentclass{report}\usepackage{graphicx}"
        r"\newcommand{\sphinxincludegraphics}[1]{\iffalse\includegraphics{#1}\fi}"
        r"\begin{document}\chapter{Notation} As \ref{nothing} says 🎉."
        r"\begin{verbatim}<Figure size 9x9 with 1 Axes>\end{verbatim}"
        r"\noindent\hbox to 40em{wide\hfil wide}\rule{50em}{1pt}"
        r"\begin{figure}\sphinxincludegraphics{{dot}.eps}\end{figure}\end{document}",
        "utf8",
    )
    command = ["xelatex", "-interaction=nonstopmode", "book.tex"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    monkeypatch.setattr(check_pdf, "titles", lambda root: ["Notation", "Guidance"])
    assert check_pdf.main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    for part in ("Reference `nothing'", "no 🎉", "sticks out by", "<Figure", "As ??", "'Guidance'"):
        assert part in said, part
    assert "1 pictures in the source, 0 drawn" in said and "'Notation'" not in said
