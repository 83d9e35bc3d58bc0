"""What the chapters' models reach is read from true results, and what is asked can be missed."""

import json
from pathlib import Path

import promises
import pytest

ROOT = Path(__file__).parents[2]


def held(name: str) -> dict[str, float]:
    """The means of a result, straight from its file."""
    path = ROOT / "code" / "diffusionbook" / "results" / f"{name}.json"
    numbers = json.loads(path.read_text("utf-8"))["numbers"]
    return {key: sum(values) / len(values) for key, values in numbers.items()}


def found(rows) -> dict[str, object]:
    return {row.what: row for row in rows}


def test_each_number_is_the_results_own() -> None:
    rows, judged = found(promises.digits()), held("mnist-quality")
    ratio = rows["mnist-unet: Fréchet distance over that of real digits, 2,000 of each"]
    assert ratio.measured == pytest.approx(
        judged["mnist-unet frechet judge"] / judged["real frechet judge"])
    assert rows["mnist-unet: labels read as asked for, of 10,000"].measured == pytest.approx(
        100 * judged["mnist-unet accuracy judge"])
    rows, judged = found(promises.canvases()), held("canvas-quality")
    folded = held("canvas-patch-8")["frechet_debiased judge"]
    assert rows[promises.FOLDED].measured == pytest.approx(
        judged["canvas-latent frechet_debiased judge w=3"] / folded)
    one = rows["latents, held-out numbers: both digits read"]
    assert one.measured == pytest.approx(100 * judged["canvas-latent held out both judge"])
    rows, runs = found(promises.steered()), held("two-humps")
    share = runs["0.3 0.5 exact right"]
    assert rows[promises.TWISTED].measured \
        == pytest.approx(runs["0.3 0.5 runs std"] / (share * (1 - share) / 1000) ** 0.5)
    rows, runs = found(promises.paired()), held("paired-digits")
    one = rows["digits after plans over 1,024 images that do not look at labels: read as asked for"]
    assert one.measured == pytest.approx(100 * runs["plan 1024 accuracy judge n=16"])
    rows, runs = found(promises.fronts()), held("steered-fronts")
    one = rows["digits steered by PCGrad: volume over that of all training digits"]
    assert one.measured == pytest.approx(runs["pcgrad volume"] / runs["training volume"])


def test_every_chapter_says_something_and_what_is_missed_has_a_reason() -> None:
    rows = list(promises.rows(ROOT))
    assert [int(group.split()[1].rstrip(",")) for group in dict.fromkeys(r.group for r in rows)] \
        == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert len({row.what for row in rows}) == len(rows)
    assert {row.what for row in rows if not row.ok} == set(promises.REASONS)


def test_a_result_that_no_longer_holds_is_refused(monkeypatch) -> None:
    from diffusionbook.evidence import results

    monkeypatch.setattr(results, "stale", lambda name, folder: f"result {name!r} is stale")
    with pytest.raises(ValueError, match="'spiral-chain' is stale"):
        list(promises.spiral())


def rivals(tmp_path: Path) -> Path:
    def one(seconds: float, images: float, whole: int | None) -> dict:
        def trained(equal: str, distance: float, seen: int) -> dict:
            own = {"frechet": 10 + distance, "frechet_floor": 10, "sample_cpu_seconds": 0.25}
            better = own | {"frechet": 10.0}
            return {"equal": equal, "images": seen, "cpu_seconds": 600,
                    "scores": {"another": better, "its own": own}}

        return {"trained": [trained("CPU-seconds", seconds, 4000), trained("images", images, 1000)],
                "samplers": ["its own", "another"], "whole": whole}

    path = tmp_path / "tests" / "tools" / "rivals.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"setting": {"cpu_seconds": 600.0}, "contestants": {
        "mine": one(3, 7, None), "theirs": one(20, 5, 100_000)}}), "utf-8")
    return tmp_path


def test_others_stand_beside_with_their_own_samplers(tmp_path: Path) -> None:
    rows = found(promises.beside(rivals(tmp_path)))
    near = rows["mine, after 600 CPU-seconds: Fréchet distance above chance"]
    assert near.measured == 3 and near.bound is None
    assert near.beside == "theirs 20 at 4 % of its own training"
    equal = rows["mine, after 1,000 images each: Fréchet distance above chance"]
    assert equal.measured == 7 and equal.beside == "theirs 5"
    assert rows["mine, CPU-seconds a sample"].measured == 0.25
