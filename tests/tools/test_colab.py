"""What an install would change in Colab is found; with the list that is kept here, nothing is."""

import datetime
import tomllib

import colab
import pytest

WANTED = colab.needed('[project]\ndependencies = ["torch>=2.9", "numpy>=2.3", "Pillow", "new>=1"]')
FREEZE = """\
# a comment
numpy==2.1.3
torch @ https://example.org/cpu/torch-2.11.0%2Bcpu-cp313-cp313-manylinux_2_28_x86_64.whl
pillow==11.3.0
torchvision==0.1
other @ git+https://example.org/other@b134e9945df25c2d
"""


def test_a_list_is_read():
    assert colab.held(FREEZE, WANTED) == {
        "numpy": "2.1.3", "pillow": "11.3.0", "torch": "2.11.0+cpu"}


def test_what_would_change_is_named():
    found = colab.held(FREEZE, WANTED)
    assert colab.replaced(WANTED, found) == [
        "numpy 2.1.3 is outside >=2.3: it would be replaced, and the session restarted"]
    assert colab.added(WANTED, found) == ["new is not there: it would be added"]


@pytest.mark.parametrize("text", ["", "<html>nothing</html>", "numpy", "numpy==here",
                                  "numpy @ git+https://example.org/numpy@b134e99"])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(ValueError, match="^freeze has no"):
        colab.held(text, WANTED)


def test_the_install_replaces_nothing_that_colab_holds(capsys):
    assert colab.main([]) == 0
    assert "would replace none of the 11" in capsys.readouterr().out


def test_a_list_that_cannot_be_had_is_no_answer(monkeypatch, capsys):
    def unreachable(source):
        raise OSError("no network")

    monkeypatch.setattr(colab, "fetched", unreachable)
    assert colab.main(["--newest"]) == 2
    assert "no network" in capsys.readouterr().err


def test_a_newer_list_is_compared_and_kept(monkeypatch, tmp_path, capsys):
    stored = tmp_path / "colab.toml"
    stored.write_text(colab.as_toml({"numpy": "2.9", "gone": "1"}, datetime.date(2026, 1, 2)),
                      "utf-8")
    monkeypatch.setattr(colab, "STORED", stored)
    monkeypatch.setattr(colab, "fetched", lambda source: "numpy==1.0\n")
    before = stored.read_bytes()
    assert colab.main(["--newest"]) == 1 and stored.read_bytes() == before
    said = capsys.readouterr().out
    assert "numpy was 2.9 on 2026-01-02 and is 1.0" in said and "gone was 1" in said
    assert "numpy 1.0 is outside" in said
    assert colab.main(["--keep"]) == 1
    assert tomllib.loads(stored.read_text("utf-8"))["held"] == {"numpy": "1.0"}
