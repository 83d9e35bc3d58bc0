"""The training loop: what it draws, what it averages, when it stops, how it goes on."""

import math
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from diffusionbook.files.tensors import read_tensors
from diffusionbook.files.whole import DamagedFile
from diffusionbook.randomness import torch_seeded
from diffusionbook.training.loop import EMA, Checkpoint, batches, fit, warmup_cosine


def make_net(width=8, dropout=0.1):
    with torch_seeded(3):
        return nn.Sequential(
            nn.Linear(2, width), nn.Dropout(dropout), nn.SiLU(), nn.Linear(width, 2)
        )


def make_data(size=16):
    generator = torch.Generator().manual_seed(11)
    return batches(torch.randn(100, 2, generator=generator), size=size)


def noisy_loss(model, x, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    return (model(x + noise) - noise).square().mean()


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


# Batches


def test_batches_are_rows_of_all_tensors_and_depend_on_the_generator_alone():
    x, y = torch.arange(30.0).reshape(10, 3), torch.arange(10)
    draw = batches(x, y, size=64)
    a, b = draw(torch.Generator().manual_seed(1))
    assert a.shape == (64, 3) and torch.equal(a, x[b])
    assert set(b.tolist()) == set(range(10))  # 64 draws miss one of ten rows 1 time in 85 per row
    again, _ = draw(torch.Generator().manual_seed(1))
    other, _ = draw(torch.Generator().manual_seed(2))
    assert torch.equal(a, again) and not torch.equal(a, other)


@pytest.mark.parametrize(
    ("tensors", "size", "message"),
    [
        ((), 4, "tensors must be of one length"),
        ((torch.zeros(3), torch.zeros(4)), 4, r"their lengths are \[3, 4\]"),
        ((torch.zeros(0, 2),), 4, r"their lengths are \[0\]"),
        ((torch.tensor(1.0),), 4, "tensors must be of one length"),
        ((torch.zeros(3),), 0, "size must be at least 1; it is 0"),
    ],
)
def test_batches_refuse(tensors, size, message):
    with pytest.raises(ValueError, match=message):
        batches(*tensors, size=size)


# The rate


@given(st.floats(1e-6, 1.0), st.floats(0.0, 0.9))
def test_the_rate_rises_to_its_peak_and_falls_to_zero(peak, warmup):
    rate = warmup_cosine(peak, warmup)
    values = [rate(k / 200) for k in range(201)]
    top = max(range(201), key=values.__getitem__)
    assert abs(top / 200 - warmup) <= 1 / 200
    assert rate(warmup) == pytest.approx(peak) and abs(rate(1.0)) < 1e-12 * peak + 1e-15
    assert all(a <= b for a, b in zip(values[:top], values[1 : top + 1], strict=True))
    assert all(a >= b for a, b in zip(values[top:], values[top + 1 :], strict=False))
    assert rate((1 + warmup) / 2) == pytest.approx(peak / 2)


# The average


def test_the_average_is_the_weighted_mean_its_formula_says():
    model = nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(5.0)
    ema = EMA(model, 0.5)
    expected = 5.0
    for k, value in enumerate([1.0, -2.0, 4.0, 8.0, 16.0, -32.0, 7.0, 0.5, 3.0, 2.0, 1.0, 9.0]):
        model.weight.data.fill_(value)
        ema.update()
        keep = min(0.5, (1 + k) / (10 + k))
        expected = keep * expected + (1 - keep) * value
        assert ema.model.weight.item() == pytest.approx(expected, rel=1e-6)
    assert keep == 0.5  # the loop went beyond the warm-up, so both branches were compared


def test_fit_averages_the_weights_after_every_step():
    model = make_net()
    ema = EMA(model, 0.9)
    expected, k = weights(model), 0
    for _ in fit(model, make_data(), noisy_loss, steps=15, lr=1e-2, ema=ema, log_every=1):
        keep = min(0.9, (1 + k) / (10 + k))
        expected, k = keep * expected + (1 - keep) * weights(model), k + 1
        torch.testing.assert_close(weights(ema.model), expected, rtol=1e-5, atol=1e-6)
    assert ema.updates == 15
    assert not any(p.requires_grad for p in ema.model.parameters()) and not ema.model.training


def test_the_average_copies_buffers():
    model = nn.BatchNorm1d(2)
    ema = EMA(model, 0.9)
    model(torch.randn(8, 2) + 5)
    ema.update()
    assert torch.equal(ema.model.running_mean, model.running_mean)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_average_of_half_precision_weights_moves(dtype):
    """An update adds a thousandth of the distance, which half precision rounds away."""
    model = nn.Linear(1, 1, bias=False).to(dtype)
    model.weight.data.fill_(1.0)
    ema = EMA(model, 0.999)
    model.weight.data.fill_(1.1)
    expected, target = 1.0, model.weight.item()
    for k in range(5_000):
        ema.update()
        keep = min(0.999, (1 + k) / (10 + k))
        expected = keep * expected + (1 - keep) * target
    assert expected == pytest.approx(1.1, abs=0.002)  # the distance was 0.1
    assert ema.model.weight.dtype == torch.float32 and model.weight.dtype == dtype
    assert ema.model.weight.item() == pytest.approx(expected, abs=5_000 * 2**-24)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_average_keeps_a_dtype_that_is_exact_enough(dtype):
    model = nn.BatchNorm1d(2).to(dtype)
    assert {x.dtype for x in EMA(model, 0.9).model.state_dict().values()} == {dtype, torch.int64}


def test_weights_and_buffers_are_looked_up_after_the_model_moved():
    model = nn.BatchNorm1d(2)
    ema = EMA(model, 0.5)
    model.double()  # which makes new buffers
    model(torch.randn(8, 2, dtype=torch.float64) + 5)
    model.weight = nn.Parameter(torch.full((2,), 3.0, dtype=torch.float64))
    ema.update()
    torch.testing.assert_close(ema.model.running_mean, model.running_mean.float())
    assert ema.model.weight.tolist() == pytest.approx([0.1 * 1 + 0.9 * 3] * 2)  # keeps 1 / 10
    assert ema.model.weight.dtype == torch.float32


def test_a_weight_that_two_modules_share_is_averaged_once():
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    model[1].weight = model[0].weight
    model[0].weight.data.fill_(0.0)
    ema = EMA(model, 0.9)
    model[0].weight.data.fill_(1.0)
    ema.update()
    assert ema.model[0].weight.item() == ema.model[1].weight.item() == pytest.approx(0.9)


# The loop


def test_each_step_is_adams_step_on_the_batch_of_its_own_seed():
    """Three steps against a loop written out with PyTorch's own parts."""
    from diffusionbook.randomness import step_seed

    model, twin = make_net(dropout=0.0), make_net(dropout=0.0)
    records = list(fit(model, make_data(), noisy_loss, steps=3, lr=0.02, seed=7, log_every=1))
    adam, losses = torch.optim.Adam(twin.parameters(), lr=0.02), []
    for k in range(3):
        generator = torch.Generator().manual_seed(step_seed(7, k))
        loss = noisy_loss(twin, *make_data()(generator), generator=generator)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    torch.testing.assert_close(weights(model), weights(twin), rtol=0, atol=1e-6)
    assert [r.loss for r in records] == pytest.approx(losses, rel=1e-5)


def test_records_are_means_between_records():
    every = list(fit(make_net(), make_data(), noisy_loss, steps=25, lr=1e-2, log_every=1))
    tenth = list(fit(make_net(), make_data(), noisy_loss, steps=25, lr=1e-2, log_every=10))
    assert [r.step for r in every] == list(range(1, 26))
    assert [r.step for r in tenth] == [10, 20, 25]
    losses = [r.loss for r in every]
    for record, part in zip(tenth, (losses[:10], losses[10:20], losses[20:]), strict=True):
        assert record.loss == pytest.approx(sum(part) / len(part), abs=1e-12)
    seconds = [r.seconds for r in every]
    assert seconds == sorted(seconds) and seconds[0] > 0


def test_one_step_under_a_schedule_that_starts_and_ends_at_0_moves_the_weights():
    model = make_net()
    before = weights(model)
    list(fit(model, make_data(), noisy_loss, steps=1, lr=warmup_cosine(0.1, 0.2)))
    assert not torch.equal(weights(model), before)


def test_the_rate_is_applied_and_reported():
    rate = warmup_cosine(0.1, 0.2)
    records = list(fit(make_net(), make_data(), noisy_loss, steps=10, lr=rate, log_every=1))
    assert [r.lr for r in records] == pytest.approx([rate((k + 0.5) / 10) for k in range(10)])
    assert records[0].lr > 0 and records[-1].lr > 0
    frozen = make_net()
    before = weights(frozen)
    list(fit(frozen, make_data(), noisy_loss, steps=3, lr=0.0))
    assert torch.equal(weights(frozen), before)


def test_clip_bounds_the_gradient():
    """Adam forgets the length of a constant gradient, so the gradient itself is looked at."""
    model, lengths = make_net(), []
    for _ in fit(model, make_data(), noisy_loss, steps=5, lr=1e-2, clip=1e-3, log_every=1):
        lengths.append(torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item())
    assert lengths == pytest.approx([1e-3] * 5, rel=1e-3)


def test_the_model_trains_in_training_mode_and_is_handed_over_in_evaluation_mode():
    model, seen = make_net(), []

    def loss(model, x, *, generator):
        seen.append(model.training)
        return noisy_loss(model, x, generator=generator)

    handed = [model.training for _ in fit(model, make_data(), loss, steps=4, lr=0.1, log_every=2)]
    assert seen == [True] * 4 and handed == [False] * 2 and not model.training


def test_the_callers_random_numbers_are_left_alone_and_do_not_matter():
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = make_net()
    list(fit(first, make_data(), noisy_loss, steps=5, lr=0.1))
    assert torch.equal(torch.get_rng_state(), state)
    second = make_net()
    for _ in fit(second, make_data(), noisy_loss, steps=5, lr=0.1, log_every=1):
        torch.rand(3)
    assert torch.equal(weights(first), weights(second))


def test_another_seed_gives_another_model():
    results = []
    for seed in (0, 1):
        model = make_net()
        list(fit(model, make_data(), noisy_loss, steps=5, lr=0.1, seed=seed))
        results.append(weights(model))
    assert not torch.equal(*results)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps must be at least 1; it is 0"),
        ({"log_every": 0}, "log_every must be at least 1"),
        ({"save_every": 0}, "save_every must be at least 1"),
        ({"clip": -1.0}, "clip must be positive; it is -1.0"),
        ({"lr": -0.1}, "lr must be finite and not negative; it is -0.1"),
        ({"lr": math.nan}, "lr must be finite"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"ema": EMA(make_net(), 0.9)}, "ema must average the model that is trained"),
    ],
)
def test_fit_refuses_at_the_call(options, message, tmp_path):
    options = {"steps": 3, "lr": 0.1, "checkpoint": Checkpoint(tmp_path / "run"), **options}
    with pytest.raises(ValueError, match=message):
        fit(make_net(), make_data(), noisy_loss, **options)
    with pytest.raises(ValueError, match="model must have weights to train"):
        fit(make_net().requires_grad_(False), make_data(), noisy_loss, steps=3, lr=0.1)


def test_fit_measures_nothing_itself(without_shape_checks):
    with pytest.raises(ValueError, match="arithmetic must be float32 or bfloat16; it is 'fastest'"):
        fit(make_net(), make_data(), noisy_loss, steps=3, lr=0.1, arithmetic="fastest")


def test_a_loss_that_is_no_scalar_is_named():
    with pytest.raises(ValueError, match=r"loss must return a scalar; its shape is \(16, 2\)"):
        list(fit(make_net(), make_data(), lambda m, x, generator: m(x), steps=1, lr=0.1))


# Divergence


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_with_what_to_try(bad, tmp_path):
    path, count = tmp_path / "run", iter(range(100))

    def loss(model, x, *, generator):
        value = noisy_loss(model, x, generator=generator)
        return value * bad if next(count) == 25 else value

    model = make_net()
    run = fit(model, make_data(), loss, steps=50, lr=0.01, checkpoint=Checkpoint(path),
              save_every=10)
    with pytest.raises(FloatingPointError) as caught:
        list(run)
    message = str(caught.value)
    assert "at step 26 of 50 (learning rate 0.01; the last finite loss was " in message
    assert "try a lower lr" in message
    assert read_tensors(path)[1]["progress"]["step"] == 20
    assert bool(torch.isfinite(weights(model)).all())


def test_weights_that_are_not_finite_never_reach_the_checkpoint(tmp_path):
    """The loss is finite, its gradient is not: sqrt at 0 has an infinite slope."""
    path, model = tmp_path / "run", make_net()

    def loss(model, x, *, generator):
        good = noisy_loss(model, x, generator=generator)
        return good if next(count) < 15 else good + (model[0].weight * 0).sum().sqrt()

    count = iter(range(100))
    with pytest.raises(FloatingPointError, match="no longer finite after step 16"):
        list(fit(model, make_data(), loss, steps=16, lr=0.01, checkpoint=Checkpoint(path),
                 save_every=10))
    assert read_tensors(path)[1]["progress"]["step"] == 10


# Interruption


def run(path, steps=60, width=8, size=16, seed=5, lr=None, decay=0.9, **options):
    """A run with everything that has a state: dropout, an average, a changing rate."""
    model = make_net(width)
    ema = EMA(model, decay)
    rate = lr or warmup_cosine(0.02, 0.1)
    return model, ema, fit(
        model, make_data(size), noisy_loss, steps=steps, lr=rate, seed=seed, ema=ema,
        checkpoint=path and Checkpoint(path), save_every=7, log_every=10, **options,
    )


def test_a_run_stopped_anywhere_goes_on_bit_for_bit(tmp_path):
    whole, whole_ema, records = run(None)
    curve = [(r.step, r.loss, r.lr) for r in records]
    path = tmp_path / "run"
    for stop in (1, 3, 5):  # each stop at a later record; step 7 k is what is on the disk
        _, _, records = run(path)
        for _ in range(stop):
            next(records)
        records.close()
    model, ema, records = run(path)
    assert [(r.step, r.loss, r.lr) for r in records] == curve
    assert torch.equal(weights(model), weights(whole))
    assert torch.equal(weights(ema.model), weights(whole_ema.model))
    # A finished run is read, not repeated.
    model, ema, records = run(path)
    assert [(r.step, r.loss, r.lr) for r in records] == curve
    assert torch.equal(weights(model), weights(whole)) and ema.updates == 60 and not model.training


CHILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
import torch
torch.set_num_threads(1)
import test_loop
inner = test_loop.make_data
def slow(size):
    draw = inner(size)
    def slowly(generator):
        time.sleep(0.02)
        return draw(generator)
    return slowly
test_loop.make_data = slow
list(test_loop.run(sys.argv[2])[2])
"""


@pytest.mark.slow
def test_a_run_killed_by_the_system_goes_on_bit_for_bit(tmp_path):
    path = tmp_path / "run"
    threads = torch.get_num_threads()
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(Path(__file__).parent), str(path)])
    try:
        patience = time.monotonic() + 60
        while not path.exists():  # the first save comes after 7 of 60 steps
            assert child.poll() is None and time.monotonic() < patience
            time.sleep(0.005)
    finally:
        child.kill()  # no signal can be caught, nor is there time to tidy up
        assert child.wait() != 0
    assert 7 <= read_tensors(path)[1]["progress"]["step"] < 60
    torch.set_num_threads(1)
    try:
        whole, whole_ema, records = run(None)
        list(records)
        model, ema, records = run(path)
        list(records)
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(weights(model), weights(whole))
    assert torch.equal(weights(ema.model), weights(whole_ema.model))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 61}, "its steps is 60, and this run's is 61"),
        ({"seed": 6}, "its seed is 5, and this run's is 6"),
        ({"lr": 0.5}, "its lr at 1/8, 3/8, 5/8 and 7/8 of training is"),
        ({"decay": 0.8}, "its decay of the ema is 0.9, and this run's is 0.8"),
        ({"width": 9}, r"its shape of 0.weight is \[8, 2\], and this run's is \[9, 2\]"),
        ({"clip": 1.0}, "its clip is None, and this run's is 1.0"),
        ({"size": 17}, "its first batch is"),
        ({"arithmetic": "bfloat16"}, "its arithmetic is float32, and this run's is bfloat16"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(change, message, tmp_path):
    path = tmp_path / "run"
    next(run(path)[2])
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        run(path, **change)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty"])
def test_a_damaged_checkpoint_is_refused(damage, tmp_path):
    path = tmp_path / "run"
    next(run(path)[2])
    raw = bytearray(path.read_bytes())
    if damage == "cut":
        raw = raw[:-10]
    elif damage == "flipped":
        raw[-5] ^= 1
    else:
        raw = b"not a checkpoint" * 9 if damage == "text" else b""
    path.write_bytes(raw)
    with pytest.raises(DamagedFile, match="damaged"):
        run(path)


def test_save_every_none_reads_but_never_writes(tmp_path):
    path, model = tmp_path / "run", make_net()
    list(fit(model, make_data(), noisy_loss, steps=3, lr=0.1, checkpoint=Checkpoint(path),
             save_every=None))
    assert not path.exists()


def test_products_are_done_in_the_arithmetic_that_was_asked_for_wherever_fit_is_called():
    seen = []

    def loss(model, x, *, generator):
        seen.append((model(x).dtype, torch.is_grad_enabled()))
        return noisy_loss(model, x, generator=generator)

    for arithmetic in ("bfloat16", "float32"):
        with torch.autocast("cpu", torch.bfloat16):
            list(fit(make_net(), make_data(), loss, steps=1, lr=0.1, arithmetic=arithmetic))
    assert seen == [(torch.bfloat16, True), (torch.float32, True)]
