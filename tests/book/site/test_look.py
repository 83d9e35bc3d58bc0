"""One source of colours and macros; browser files are what their list says."""

import hashlib
import re
from pathlib import Path

import pytest

from bookext.site import maths
from diffusionbook.plots import style

ROOT = Path(__file__).resolve().parents[3]
LOOK = maths.look(ROOT)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", LOOK["colours"])
def test_each_colour_is_legible_in_both_modes(name):
    assert contrast(LOOK["colours"][name]["light"], "#ffffff") >= 4.5
    assert contrast(LOOK["colours"][name]["dark"], "#14181e") >= 4.5


def test_figures_have_the_colours_of_the_formulas():
    for name, pair in LOOK["colours"].items():
        assert style.COLOURS[name].lower() == pair["light"].lower()


def test_every_macro_exists_for_the_page_and_for_print():
    names = set(LOOK["macros"]) | set(LOOK["coloured"])
    assert set(maths.mathjax(LOOK)) == names
    assert set(re.findall(r"renewcommand\{\\(\w+)\}", maths.latex(LOOK))) == names
    assert {meaning for meaning, _ in LOOK["coloured"].values()} <= set(LOOK["colours"])


def test_vendored_browser_files_are_the_listed_ones():
    folder = ROOT / "book" / "static" / "vendor"
    listed = dict(reversed(line.split(maxsplit=1))
                  for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines())
    here = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert here - {"SHA256SUMS", "README.md"} == set(listed)
    for name, digest in listed.items():
        raw = (folder / name).read_bytes()
        if b"\0" not in raw:  # a text file: its lines may end otherwise here
            raw = raw.replace(b"\r\n", b"\n")
        assert hashlib.sha256(raw).hexdigest() == digest, name
