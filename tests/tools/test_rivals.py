"""The comparison with public implementations: who trains, how long, and what is judged."""

import json
import math
from pathlib import Path

import pytest
import rivals
import trainee
from citations import CITED
from turns import Setting


class Steady:
    """Sees 100 images in a CPU-second with its C library left alone, and more as it keeps memory;
    smalldiffusion is the slowest."""

    made: list["Steady"] = []

    def __init__(self, name, budget, *, rivals, setting, images=None, folder=None) -> None:
        self.name, self.budget, self.wanted, self.ended = name, budget, images, False
        self.rate = 100 + 10 * len(setting.variables) + 1000 * (setting.threads - 1)
        self.rate -= 50 * (name == "smalldiffusion")
        self.rate -= 25 * ("GLIBC_TUNABLES" in setting.variables)
        self.rate += 500 * setting.channels_last
        self.facts = {"batch": 64, "samplers": ["its own"]}
        self.state = {"cpu_seconds": 0.0, "images": 0, "done": False}
        Steady.made.append(self)

    def go_on(self, seconds: float) -> None:
        spent = min(self.state["cpu_seconds"] + seconds, self.budget)
        images = int(self.rate * spent)
        done = spent >= self.budget
        if self.wanted is not None:
            images, done = self.wanted, True
        self.state = {"cpu_seconds": spent, "images": images, "done": done}

    def end(self) -> None:
        self.ended = True

    def trained(self, equal: str) -> dict:
        return {"equal": equal, "images": self.state["images"],
                "cpu_seconds": self.state["cpu_seconds"], "scores": {}}


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> list[Steady]:
    monkeypatch.setattr(rivals, "Trainee", Steady)
    monkeypatch.setattr(Steady, "made", [])
    return Steady.made


def test_every_setting_is_tried_after_a_warm_up(steady) -> None:
    found = rivals.speeds(10.0)
    assert list(found) == list(rivals.NAMES)
    for name in ("mnist-unet-quick", "torchcfm", "smalldiffusion, batch 64"):
        assert list(found[name]) == list(rivals.SETTINGS)
        assert found[name]["as it comes"] == pytest.approx(100, abs=1)
        assert found[name]["keeps freed memory"] == pytest.approx(120, abs=1)
    assert found["smalldiffusion"] == found["smalldiffusion, batch 64"]
    assert all(math.isfinite(one.budget) for one in steady), "as the book's training asks"
    assert all(one.ended for one in steady) and len(steady) == 3 * len(rivals.SETTINGS)


def test_what_changes_a_sum_or_takes_a_second_thread_is_not_chosen() -> None:
    chosen = [rivals.SETTINGS[title] for title in rivals.CHOICE]
    assert all(s.threads == 1 and not s.channels_last for s in chosen)
    others = set(rivals.SETTINGS) - set(rivals.CHOICE)
    assert all(rivals.SETTINGS[t].threads > 1 or rivals.SETTINGS[t].channels_last for t in others)


def test_everybody_trains_under_its_best_setting_and_then_on_equal_images(
    steady, tmp_path: Path
) -> None:
    speeds = rivals.speeds(10.0)
    options = rivals._options().parse_args(["--budget", "60"])
    found = rivals.train(options, speeds, tmp_path)
    assert {one["setting"] for one in found.values()} == {"keeps freed memory"}
    for name, one in found.items():
        seconds, images = one["trained"]
        assert (seconds["equal"], images["equal"]) == ("CPU-seconds", "images")
        assert seconds["cpu_seconds"] == 60
        assert seconds["images"] == (4_200 if name == "smalldiffusion" else 7_200)
        assert images["images"] == 4_096, "the most that all saw, a state that was kept"
    assert found["torchcfm"]["trained"][1]["cpu_seconds"] == pytest.approx(60 * 4_096 / 7_200)
    (again,) = (one for one in steady if one.wanted)
    assert (again.name, again.wanted) == ("mnist-unet-quick", 4_096)
    lines = (tmp_path / "turns.jsonl").read_text("utf-8").splitlines()
    turns = [json.loads(line) for line in lines]
    assert [turn["name"] for turn in turns[:4]] == list(rivals.NAMES)
    assert max(turn["cpu_seconds"] for turn in turns[:4]) == rivals.SLICE


def test_a_budget_of_less_than_one_kept_state_compares_no_images(steady, tmp_path: Path) -> None:
    speeds = rivals.speeds(10.0)
    found = rivals.train(rivals._options().parse_args(["--budget", "2"]), speeds, tmp_path)
    assert all(len(one["trained"]) == 1 for one in found.values())


def test_the_page_says_at_which_distances_states_are_kept() -> None:
    assert trainee.KEPT == rivals.KEPT


def trained(equal: str, **scores: dict) -> dict:
    return {"equal": equal, "images": 1, "scores": scores}


def test_only_what_is_missing_is_judged_and_equal_seconds_first() -> None:
    held = {
        "ours": {"samplers": ["own", "other"],
                 "trained": [trained("CPU-seconds", own={}), trained("images")]},
        "theirs": {"samplers": ["slow", "fast"],
                   "trained": [trained("CPU-seconds"), trained("images", fast={})]},
    }
    tasks = [(name, one["equal"], sampler) for name, one, sampler in rivals.unjudged(held)]
    assert tasks == [
        ("ours", "CPU-seconds", "other"), ("theirs", "CPU-seconds", "slow"),
        ("theirs", "CPU-seconds", "fast"), ("ours", "images", "other"), ("ours", "images", "own"),
        ("theirs", "images", "slow")]


def test_a_comparison_that_was_broken_off_is_taken_up(tmp_path: Path, monkeypatch) -> None:
    store = tmp_path / "rivals.json"
    one = {"samplers": ["own"], "setting": "as it comes", "trained": [trained("CPU-seconds")]}
    held = {"setting": {}, "real": {}, "speeds": {}, "contestants": {"ours": one}}
    store.write_text(json.dumps(held), "utf-8")
    monkeypatch.setattr(rivals, "install", lambda folder: None)
    asked = []
    monkeypatch.setattr(rivals, "answer", lambda *a, **k: asked.append((a, k)) or {"frechet": 7.0})
    rivals.measure(rivals._options().parse_args(["--resume", "--json", str(store)]))
    ((arguments, more),) = asked
    assert arguments[:2] == ("judge", "ours") and more["setting"] == Setting()
    kept = json.loads(store.read_text("utf-8"))["contestants"]["ours"]["trained"][0]["scores"]
    assert kept == {"own": {"frechet": 7.0}}


def test_every_setting_of_the_rivals_is_cited_at_the_release_that_is_installed() -> None:
    assert set(CITED) == set(rivals.NAMES) - {rivals.OURS}
    pins = dict(pin.split("==") for pin in rivals.PINS)
    for name, cited in CITED.items():
        assert pins[name.split(",")[0]] == cited["release"]
        assert len(cited["commit"]) == 40 and int(cited["commit"], 16)
        assert cited["repository"].startswith("https://github.com/")
        said = " ".join(what for what, _, _ in cited["lines"])
        for word in ("batch", "epochs", "channels", "dropout", "Adam", "at once"):
            assert word in said, (name, word)
        assert all(line > 0 for _, _, line in cited["lines"])


def test_nothing_is_measured_yet(tmp_path: Path, capsys) -> None:
    assert rivals.main(["--json", str(tmp_path / "none.json")]) == 0
    assert "make rivals" in capsys.readouterr().out


def test_what_is_installed_is_not_installed_again(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "pins.txt").write_text("\n".join(rivals.PINS), "utf-8")
    monkeypatch.setattr(rivals.subprocess, "run", lambda *a, **k: pytest.fail("pip was called"))
    rivals.install(tmp_path)
