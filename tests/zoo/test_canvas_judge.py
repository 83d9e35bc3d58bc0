"""The scores of canvases, with a classifier and canvases small enough to check by hand."""

import pytest
import torch
from torch import nn

from diffusionbook.data.canvases import TRAINED, Canvases, in_turn
from diffusionbook.metrics.floor import predicted_floor
from diffusionbook.metrics.images import frechet
from diffusionbook.metrics.regions import coverage, precision_recall
from diffusionbook.randomness import randn, seeded
from diffusionbook.zoo import canvas_judge
from diffusionbook.zoo.canvas_judge import CanvasJudge
from diffusionbook.zoo.judge import as_seen, look

NUMBERS = (47, 3, 90, 12)


class Columns(nn.Module):
    """Features are the ink of ten columns; so are the logits of the tens, and those of the ones
    backwards."""

    def features(self, x):
        return x[:, 0, :10, :10].sum(1)

    def to_logits(self, features):
        return torch.stack([features, features.flip(1)], 1)


def images(n, seed, shift=0.0):
    return (randn((n, 1, 64, 64), seeded(seed), torch.float32) / 3 + shift).clamp(-1, 1)


@pytest.fixture
def asked(monkeypatch):
    """What the judge asked for."""
    seen = {}

    def load(split, n, numbers, **options):
        seen.update(split=split, n=n, numbers=tuple(numbers), **options)
        return Canvases(images(n, 2), in_turn(n, numbers), split)

    monkeypatch.setattr(canvas_judge, "load", lambda name: seen.update(name=name) or Columns())
    monkeypatch.setattr(canvas_judge.canvases, "load", load)
    monkeypatch.setattr(canvas_judge, "CANVASES", 300)
    return seen


@pytest.fixture
def judge(asked):
    return CanvasJudge("canvas-judge", NUMBERS, root="here")


def test_it_looks_at_canvases_of_test_digits_as_anybody_sees_them(judge, asked):
    assert asked == {"name": "canvas-judge", "split": "test", "n": 300, "numbers": NUMBERS,
                     "seed": 1_000, "root": "here", "stand_in": False}
    seen, _ = look(Columns(), as_seen(judge.test.images))
    plain, _ = look(Columns(), judge.test.images)
    assert torch.equal(judge.features, seen) and not torch.equal(seen, plain)
    CanvasJudge("canvas-features")
    assert asked["numbers"] == TRAINED


def test_a_score_is_that_of_its_parts(judge):
    samples, numbers = 1.5 * images(200, 3, 0.1), in_turn(200, NUMBERS)
    score = judge.score(samples, numbers)
    features, _ = look(Columns(), as_seen(samples))
    real = judge.features
    assert score["frechet"] == pytest.approx(float(frechet(features, real)))
    precision, recall = precision_recall(real[:200], features)
    assert (score["precision"], score["recall"]) == pytest.approx((float(precision), float(recall)))
    assert score["coverage"] == pytest.approx(float(coverage(real[:200], features)))
    tens, ones = features.argmax(1).tolist(), features.flip(1).argmax(1).tolist()
    right = [(a == number // 10, b == number % 10)
             for a, b, number in zip(tens, ones, numbers.tolist(), strict=True)]
    assert 0 < sum(a for a, _ in right) < 200 and sum(a and b for a, b in right) > 0
    for key, count in (("tens", sum(a for a, _ in right)), ("ones", sum(b for _, b in right)),
                       ("both", sum(a and b for a, b in right))):
        assert score[key] == pytest.approx(count / 200, abs=1e-12)


def test_the_floor_is_that_of_equally_many_of_each_number_and_is_taken_off(judge, monkeypatch):
    expected = float(predicted_floor(judge.features, 200, 300, judge.test.numbers))
    assert expected != float(predicted_floor(judge.features, 200, 300))
    score = judge.score(images(200, 3), in_turn(200, NUMBERS))
    assert score["frechet_floor"] == expected == judge.floor(200) != judge.floor(100)
    assert score["frechet_debiased"] == pytest.approx(score["frechet"] - expected, abs=1e-12)
    monkeypatch.setattr(canvas_judge, "predicted_floor", None)
    assert judge.score(images(200, 4), in_turn(200, NUMBERS))["frechet_floor"] == expected


def test_samples_of_another_law_score_worse_than_others_of_the_same(judge):
    numbers = in_turn(200, NUMBERS)
    same, other = (judge.score(images(200, 3, shift), numbers) for shift in (0.0, 0.3))
    assert other["frechet_debiased"] > 10 * abs(same["frechet_debiased"])
    assert other["recall"] < same["recall"] and other["coverage"] < same["coverage"]


@pytest.mark.parametrize(("n", "message"), [
    (301, "images must be at most 300, as there are test canvases; they are 301"),
    (1, "the number of images must be at least 2; it is 1"),
])
def test_more_samples_than_canvases_or_too_few_are_refused(n, message, judge):
    with pytest.raises(ValueError, match=message):
        judge.score(images(n, 3), in_turn(n, NUMBERS))
