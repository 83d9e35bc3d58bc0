"""Where a number was made, in words."""

import pytest

from diffusionbook.machine import environment
from diffusionbook.page import report


@pytest.mark.parametrize(("number", "words"), [(1, "1 thread"), (2, "2 threads")])
def test_threads_are_said_in_words_and_once(monkeypatch, number, words):
    monkeypatch.setattr("torch.get_num_threads", lambda: number)
    assert environment.threads() == words
    assert environment.describe("cpu").endswith(f", {words}")


def test_a_page_and_a_result_name_the_same_versions_and_threads(capsys):
    report.footer(seed=0)
    printed, found = capsys.readouterr().out, environment.versions()
    for library in ("diffusionbook", "torch", "numpy", "python"):
        assert f"{library} {found[library]}" in printed.replace("Python", "python")
    assert f"CPU with {environment.threads()}, " in printed
