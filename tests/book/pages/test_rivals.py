"""The page says what of the comparison was equal, and how far each training came."""

import json
from pathlib import Path

import pytest

from bookext.pages.rivals import length, reached, rivals

ROOT = Path(__file__).parents[3]
SETTING = {"cpu_seconds": 1180.0, "samples": 1000, "level": 30.0, "judge": "a-judge",
           "device": "a CPU", "versions": {"torch": "2"}}


def curve(*points: tuple[float, float]) -> list[dict]:
    return [{"cpu_seconds": seconds, "images": int(100 * seconds), "evaluations": 25.0,
             "sample_cpu_seconds": 0.034, "frechet": frechet} for seconds, frechet in points]


def held(ours: str = "ours") -> dict:
    return {"setting": SETTING, "real": 9.51, "contestants": {
        ours: {"note": "batch 64", "parameters": 1832068, "batch": 64, "whole": None,
               "curve": curve((1200, 20), (600, 25), (300, 40))},
        "theirs": {"note": "batch 128", "parameters": 5, "batch": 128, "whole": 2_400_000,
                   "curve": curve((1200, 200))},
    }}


def row(page: str, what: str) -> list[str]:
    (line,) = (line for line in page.splitlines() if line.startswith(f"| {what} |"))
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def test_nothing_is_said_of_what_was_not_measured() -> None:
    assert list(rivals(None, {})) == []


def test_the_table_says_how_long_each_was_trained() -> None:
    page = "\n".join(rivals(held(), {}))
    assert "1,180 seconds of processor time" in page and "distance of 9.5." in page
    assert "| what | ours | theirs |\n| :-- | --: | --: |\n" in page
    assert row(page, "images for each CPU-second of training") == ["100", "100"]
    assert row(page, "images in training") == ["120,000", "120,000"]
    assert row(page, "steps of the optimiser") == ["1,875", "937"]
    assert row(page, "times each training image is seen") == ["2.00", "2.00"]
    assert row(page, "share of its own example's training") == ["all", "5.0 %"]
    assert row(page, "CPU-seconds for each sample") == ["0.034", "0.034"]
    assert row(page, "Fréchet distance") == ["20.0", "200.0"]
    assert row(page, "Fréchet distance after the fewest images that were judged") == [
        "40.0 after 30,000", "200.0 after 120,000"]
    assert row(page, "CPU-seconds of training to a Fréchet distance of 30") == [
        "600", "not reached"]
    assert "1,832,068 weights. Settings: batch 64." in page and "Versions: torch 2." in page
    assert "was trained anew" not in page


def test_a_floor_stands_beside_a_distance() -> None:
    found = held()
    for one in found["contestants"].values():
        one["curve"] = [point | {"frechet_floor": 5.02} for point in one["curve"]]
    page = "\n".join(rivals(found, {}))
    assert row(page, "Fréchet distance") == ["20.0 (floor 5.0)", "200.0 (floor 5.0)"]
    assert "40.0 (floor 5.0) after 30,000" in page


def test_the_shipped_model_is_told_from_the_one_that_was_compared() -> None:
    receipt = {"steps": 5000, "recipe": {"batch": 64}, "cpu_seconds": 1180.0}
    page = "\n".join(rivals(held("mnist-unet-quick"), {"mnist-unet-quick": receipt}))
    assert "trained anew for this table, on 120,000 images" in page
    assert "saw 320,000 in its 1,180 CPU-seconds" in page


def test_the_length_of_a_training() -> None:
    ours, theirs = held()["contestants"].values()
    assert length(ours) == (1875, None)
    assert length(theirs) == (937, pytest.approx(0.05))
    assert reached(ours["curve"], 30) == 600 and reached(theirs["curve"], 30) is None


def test_what_was_measured_names_its_lengths() -> None:
    """So that the page can say them: 179 of 4,680 steps, 21 of some 17,600."""
    stored = json.loads((ROOT / "tests" / "tools" / "rivals.json").read_text("utf-8"))
    lengths = {name: length(one) for name, one in stored["contestants"].items()}
    assert lengths["mnist-unet-quick"] == (3948, None)
    assert lengths["torchcfm"] == (179, pytest.approx(179 / 4680))
    assert lengths["smalldiffusion"][0] == 21
    for name, (_, share) in lengths.items():
        assert (share is None) == (name == "mnist-unet-quick")
        assert share is None or share < 0.05, "then the page may no longer say: near the beginning"
    for one in stored["contestants"].values():
        assert f"batch {one['batch']:,}" in one["note"].replace("Batch", "batch")
