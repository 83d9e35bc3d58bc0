"""The page says what of the comparison was equal, what was not, and how far each training came."""

import json
import re
from pathlib import Path

import pytest

from bookext.pages.rivals import EQUAL, length, rivals

STORED = Path(__file__).parents[3] / "tests" / "tools" / "rivals.json"
SETTING = {"cpu_seconds": 600.0, "samples": 500, "slice": 5.0, "probe": 10.0, "judge": "a-judge",
           "device": "a CPU, 1 thread", "versions": {"torch": "2"}}
CITED = {"repository": "https://github.com/a/b", "commit": "c" * 40, "release": "1.0",
         "lines": [["batch 128", "run.py", 7]]}


def scores(frechet: float, evaluations: float = 25.0, **more: float) -> dict:
    return {"evaluations": evaluations, "sample_cpu_seconds": 0.034, "frechet": frechet,
            "frechet_floor": 18.0, "kid": 5.5, **more}


def held(ours: str = "ours") -> dict:
    def trained(seconds: float, images: int, equal: str, **found: dict) -> dict:
        return {"equal": equal, "cpu_seconds": seconds, "images": images, "scores": found}

    real = {"sets": 10, "mean": scores(19.0, accuracy=0.99) | {"kid": -2.0},
            "spread": {"frechet": 1.0, "kid": 0.5}}
    come = {"sets": 10, "mean": scores(19.5) | {"kid": 0.1},
            "spread": {"frechet": 1.5, "kid": 0.75}}
    return {
        "setting": SETTING, "real": {"balanced": real, "as they come": come},
        "speeds": {ours: {"as it comes": 100.0, "keeps": 110.0},
                   "theirs": {"as it comes": 20.0, "keeps": 30.25}},
        "contestants": {
            ours: {"note": "batch 64", "parameters": 1832068, "batch": 64, "whole": None,
                   "setting": "keeps", "cited": None, "labels": True,
                   "samplers": ["own", "unguided"],
                   "trained": [
                       trained(600, 60_000, "CPU-seconds", unguided=scores(24),
                               own=scores(20, accuracy=0.995)),
                       trained(100, 11_264, "images", own=scores(90, accuracy=0.5))]},
            "theirs": {"note": "batch 128", "parameters": 5, "batch": 128, "whole": 2_400_000,
                       "setting": "keeps", "cited": CITED, "labels": False,
                       "samplers": ["slow", "fast"],
                       "trained": [trained(600, 12_000, "CPU-seconds", slow=scores(200, 101.6)),
                                   trained(563, 11_264, "images", fast=scores(300, 20))]}},
    }


def table(page: str, after: str) -> dict[str, list[str]]:
    """The rows of the first table behind some words, by the first cell (or two)."""
    lines = iter(page[page.index(after):].splitlines())
    rows: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("|"):
            what, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            rows[what if what not in rows else f"{what}, {cells[0]}"] = cells
        elif rows:
            break
    return rows


def page_of(found: dict, receipts: dict | None = None) -> str:
    return "\n".join(rivals(found, receipts or {}))


def test_nothing_is_said_of_what_was_not_measured() -> None:
    assert list(rivals(None, {})) == []
    assert list(rivals({"setting": SETTING, "real": {}, "speeds": {}}, {})) == []


def test_how_far_each_training_came() -> None:
    rows = table(page_of(held()), "**Training**")
    assert rows["what"] == ["ours", "theirs"]
    assert rows["setting of the allocator"] == ["keeps", "keeps"]
    assert rows["images for each CPU-second"] == ["100.0", "20.0"]
    assert rows["images seen"] == ["60,000", "12,000"]
    assert rows["epochs (times each training image is seen)"] == ["1.00", "0.20"]
    assert rows["steps of the optimiser"] == ["937", "93"]
    assert rows["share of its own example's training"] == ["all", "0.5 %"]
    assert rows["CPU-seconds to equally many images"] == ["100", "563"]


def test_quality_after_equal_time_each_sampler_beside_real_images() -> None:
    rows = table(page_of(held()), "**After 600 CPU-seconds")
    assert rows["ours"] == ["own (its own)", "25", "0.034", "20.0", "2.0", "5.5", "7.5",
                            "99.5 %"]
    assert rows["ours, unguided"][3:] == ["24.0", "6.0", "5.5", "7.5", "–"]
    assert rows["theirs"][:2] == ["slow (its own)", "102"]
    assert rows["theirs"][5:] == ["5.5", "5.4", "–"], "beside real images as they come"
    assert rows["real images, balanced"][3:] == [
        "19.0 ± 1.0", "1.0 ± 1.0", "-2.0 ± 0.5", "0 ± 0.5", "99.0 %"]
    assert rows["real images, as they come"][5:] == ["0.1 ± 0.8", "0 ± 0.8", "–"]


def test_quality_after_equally_many_images() -> None:
    rows = table(page_of(held()), "**After 11,264 images each**")
    assert rows["ours"][3:5] == ["90.0", "72.0"]
    assert rows["theirs"][0] == "fast" and "theirs, slow" not in rows


def test_whose_distance_is_least_is_read_from_the_table() -> None:
    found = held()
    assert "above its floor has ours, with own (its own): 2.0." in page_of(found)
    found["contestants"]["theirs"]["trained"][1]["scores"]["fast"]["frechet"] = 88.0
    after = page_of(found).split("images each**")[1]
    assert "above its floor has theirs, with fast: 70.0." in after


def test_no_table_where_nothing_was_judged() -> None:
    found = held()
    for one in found["contestants"].values():
        one["trained"] = one["trained"][:1]
    page = page_of(found)
    assert "images each**" not in page and "equally many images" not in page


def test_what_is_equal_and_what_is_not_is_said() -> None:
    page = page_of(held())
    assert "600 seconds of processor time" in page and "500 samples" in page
    for word in ("*Equal*", "*Not equal*", "Guidance", "Labels", "Arithmetic", "one seed",
                 "a change of ours"):
        assert word in page, word


def test_the_settings_that_were_tried() -> None:
    rows = table(page_of(held()), "**What the allocator")
    assert rows["as it comes"] == ["100.0", "20.0"] and rows["keeps"] == ["110.0", "30.2"]


def test_the_maintainers_lines_are_linked() -> None:
    page = page_of(held())
    link = f"[batch 128](https://github.com/a/b/blob/{'c' * 40}/run.py?plain=1#L7)"
    assert link in page and "release 1.0 (commit ccccccc)" in page
    assert "1,832,068 weights. Settings: batch 64." in page and "Versions: torch 2." in page


def test_the_shipped_model_is_told_from_the_one_that_was_compared() -> None:
    receipt = {"steps": 5000, "recipe": {"batch": 64}, "cpu_seconds": 1180.0}
    page = page_of(held("mnist-unet-quick"), {"mnist-unet-quick": receipt})
    assert "another training by the same recipe: 1,180 CPU-seconds and\n320,000 images" in page


def test_the_length_of_a_training() -> None:
    ours, theirs = held()["contestants"].values()
    assert length(ours) == (937, None)
    assert length(theirs) == (93, pytest.approx(0.005))


def test_what_was_measured_bears_out_what_the_page_says_of_all() -> None:
    """The rivals stop early in their trainings, all for equal seconds, then at equal images."""
    stored = json.loads(STORED.read_text("utf-8"))
    budget = stored["setting"]["cpu_seconds"]
    equal = set()
    for name, one in stored["contestants"].items():
        _, share = length(one)
        assert (share is None) == (name == "mnist-unet-quick")
        assert share is None or share < 0.1, "then the page may no longer say: stop early"
        assert one["trained"][0]["cpu_seconds"] == pytest.approx(budget, rel=0.03)
        equal.add(one["trained"][1]["images"])
        assert re.search(rf"batch {one['batch']:,}\b", one["note"])
        found = one["trained"][0]["scores"]
        assert one["samplers"][0] in found, "its own sampler"
        assert any(score["evaluations"] in EQUAL for score in found.values())
    assert len(equal) == 1
    assert stored["setting"]["device"].endswith("1 thread")
