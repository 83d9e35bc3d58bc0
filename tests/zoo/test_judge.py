"""The scores of digits, with a classifier and a data set small enough to check by hand."""

import pytest
import torch
from torch import nn

from diffusionbook.data.mnist import Digits, all_labels
from diffusionbook.metrics.floor import predicted_floor
from diffusionbook.metrics.images import frechet
from diffusionbook.metrics.regions import precision_recall
from diffusionbook.randomness import randn, seeded
from diffusionbook.zoo import judge as digits
from diffusionbook.zoo.judge import Judge, as_seen, balanced, look


class Column(nn.Module):
    """Features and logits are the ink of the first ten columns."""

    def features(self, x):
        return x[:, 0, :10, :10].sum(1)

    def to_logits(self, features):
        return features


def images(n, seed, shift=0.0):
    return (randn((n, 1, 28, 28), seeded(seed), torch.float32) / 3 + shift).clamp(-1, 1)


@pytest.fixture
def judge(monkeypatch):
    sets = {"train": Digits(images(400, 1), all_labels(400), "train"),
            "test": Digits(images(300, 2), all_labels(300), "test")}
    monkeypatch.setattr(digits, "load", lambda name: Column())

    monkeypatch.setattr(digits.mnist, "real", lambda split, root: sets[split])
    return Judge("mnist-judge")


def test_images_are_judged_as_they_are_seen():
    x = torch.tensor([-1.3, -1.0, 0.0, 1 / 255, 0.5, 1.0, 7.0]).reshape(1, 1, 1, 7)
    levels = (as_seen(x) + 1) * 127.5
    assert torch.allclose(levels, levels.round(), atol=1e-4)
    assert levels.min() == 0 and levels.max() == 255
    assert (as_seen(x) - x.clamp(-1, 1)).abs().max() <= 1 / 255 + 1e-6


def test_a_score_is_that_of_its_parts(judge):
    samples, labels = images(200, 3, 0.1), all_labels(200)
    score = judge.score(samples, labels)
    features, logits = look(Column(), as_seen(samples))
    real, _ = look(Column(), judge.test.images)
    assert score["frechet"] == pytest.approx(float(frechet(features, real)))
    precision, recall = precision_recall(real[:200], features)
    assert (score["precision"], score["recall"]) == pytest.approx((float(precision), float(recall)))
    assert score["accuracy"] == pytest.approx(float((logits.argmax(1) == labels).double().mean()))
    assert "accuracy" not in judge.score(samples, None)


def test_the_floor_is_that_of_as_many_images_of_the_test_set_s_law(judge, monkeypatch):
    real, _ = look(Column(), judge.test.images)
    score = judge.score(images(200, 3), None)
    assert list(score)[:2] == ["frechet", "frechet_floor"]
    expected = float(predicted_floor(real, 200, 300))
    assert score["frechet_floor"] == expected == judge.floor(200, balanced=False)
    balanced = float(predicted_floor(real, 200, 300, judge.test.labels))
    assert judge.score(images(200, 3), all_labels(200))["frechet_floor"] == balanced != expected
    assert judge.floor(200) == balanced
    draws = [judge.score(images(200, seed), None)["frechet"] for seed in range(10, 22)]
    mean, error = torch.tensor(draws).mean(), torch.tensor(draws).std() / 12**0.5
    # the test set is one draw itself, and its 300 images are in all of these
    assert abs(mean - expected) < 5 * error + expected * 300**-0.5 * 10**0.5
    monkeypatch.setattr(digits, "predicted_floor", None)
    assert judge.score(images(200, 4), None)["frechet_floor"] == expected  # worked out once


def test_samples_of_another_law_score_worse_than_real_ones(judge):
    real, fake = judge.score_real(200, 0), judge.score(images(200, 3, 0.3), None)
    assert fake["frechet"] > 10 * real["frechet"] and fake["recall"] < real["recall"]


def test_a_balanced_draw_has_as_many_of_each_class_and_none_twice():
    labels = torch.randint(0, 10, (2_000,), generator=seeded(0))
    rows = balanced(labels, 30, seeded(1))
    assert labels[rows].bincount().tolist() == [30] * 10 and len(set(rows.tolist())) == 300
    assert not torch.equal(rows, balanced(labels, 30, seeded(2)))
    few = labels[:100]
    assert len(balanced(few, int(few.bincount().min()), seeded(1))) == 10 * few.bincount().min()
    with pytest.raises(ValueError, match="each must be at most .* of class 0; it is 500"):
        balanced(labels, 500, seeded(1))


def test_labels_go_round():
    assert all_labels(12).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
