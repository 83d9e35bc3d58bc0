"""Training within a budget of processor time: when it ends, and what sets the rate."""

import time

import pytest
import torch
from torch import nn

from diffusionbook.randomness import torch_seeded
from diffusionbook.training.loop import Checkpoint, batches, fit, warmup_cosine


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Every look at the processor's clock costs two seconds, so each step takes two."""
    ticks = iter(range(0, 10**6, 2))
    monkeypatch.setattr(time, "process_time", lambda: float(next(ticks)))


def loss(model, x, *, generator):
    return model(x).square().mean()


def begin(steps=1000, **options):
    with torch_seeded(3):
        model = nn.Linear(2, 2)
    return model, fit(model, batches(torch.ones(5, 2), size=4), loss, steps=steps, seed=1,
                      log_every=1, lr=warmup_cosine(1e-2), **options)  # fmt: skip


def run(**options):
    model, records = begin(**options)
    return model, list(records)


def test_training_ends_when_its_time_is_spent():
    _, records = run(cpu_seconds=10)
    assert [r.cpu_seconds for r in records] == [2, 4, 6, 8, 10]
    assert records[-1].step == 5


def test_the_rate_follows_the_time_where_time_is_short_and_the_steps_where_it_is_not():
    rate = warmup_cosine(1e-2)
    _, short = run(cpu_seconds=10)
    assert [r.lr for r in short] == pytest.approx(
        [rate(0.0005), *[rate(k / 5) for k in range(1, 5)]])
    _, long = run(steps=4, cpu_seconds=1000)
    assert [r.lr for r in long] == pytest.approx([rate((k + 0.5) / 4) for k in range(4)])
    assert long[-1].step == 4


def test_a_run_in_a_budget_resumes_with_the_time_it_has_left(tmp_path):
    path = tmp_path / "run"
    first = {"cpu_seconds": 10, "checkpoint": Checkpoint(path), "save_every": 1}
    _, records = begin(**first)
    assert [next(records).step for _ in range(3)] == [1, 2, 3]
    _, whole = run(**first)
    assert [r.cpu_seconds for r in whole] == [2, 4, 6, 8, 10]
    again, same = run(**first)
    assert [r.step for r in same] == [1, 2, 3, 4, 5]  # nothing left: told again, not trained
    straight, _ = run(cpu_seconds=10)
    assert torch.equal(again.weight, straight.weight)


@pytest.mark.parametrize("value", [0, -1.0])
def test_a_budget_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match=f"cpu_seconds must be positive; it is {value}"):
        run(cpu_seconds=value)
