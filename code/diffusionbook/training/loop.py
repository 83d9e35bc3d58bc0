"""Training: one loop for every model of the book.

:func:`fit` is a generator of records. Loop over it and you own the loop: plot, sample, stop early,
or do nothing. What it adds to the five lines of any PyTorch tutorial is that a run can be killed
at any moment and taken up again, bit for bit, and that a run which diverges says so.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass

import torch
from torch import Tensor, nn

from diffusionbook.arguments import finite, positive, whole
from diffusionbook.machine.precision import Arithmetic
from diffusionbook.machine.watching import long_work
from diffusionbook.randomness import step_seed
from diffusionbook.training.checkpoint import Checkpoint, Progress, Saved, check_finite
from diffusionbook.training.ema import EMA
from diffusionbook.training.step import Batch, Data, Rate, Trainer

__all__ = ["EMA", "Checkpoint", "Record", "batches", "fit", "warmup_cosine"]


@dataclass(frozen=True)
class Record:
    """What one stretch of training came to.

    Attributes:
        step: optimiser steps made so far.
        loss: mean loss over the steps since the record before.
        lr: learning rate of the last of them.
        seconds: training time so far, without what the caller did between records.
        cpu_seconds: processor time so far, all threads added up.
    """

    step: int
    loss: float
    lr: float
    seconds: float
    cpu_seconds: float


def batches(*tensors: Tensor, size: int) -> Data:
    """Random batches, drawn with replacement: a function of a generator.

    Args:
        tensors: (n, …) each, the data and whatever goes with it, such as labels.
        size: rows per batch.

    Returns:
        ``draw(generator)`` → the same ``size`` random rows of each tensor, on the generator's
        device.

    Raises:
        ValueError: no tensors, unequal or zero lengths, or ``size`` < 1.
    """
    lengths = [x.shape[0] if x.ndim else 0 for x in tensors]
    if not lengths or len(set(lengths)) > 1 or lengths[0] == 0:
        raise ValueError(f"tensors must be of one length, 1 or more; their lengths are {lengths}")
    whole("size", size)
    if size < 1:
        raise ValueError(f"size must be at least 1; it is {size}")

    def draw(generator: torch.Generator) -> Batch:
        rows = torch.randint(lengths[0], (size,), generator=generator, device=generator.device)
        return tuple(x[rows.to(x.device)].to(generator.device) for x in tensors)

    return draw


def warmup_cosine(peak: float, warmup: float = 0.0) -> Rate:
    """A learning rate that rises linearly to ``peak``, then falls to 0 along half a cosine.

    Args:
        peak: the highest rate.
        warmup: the share of training spent rising, in [0, 1).

    Returns:
        A function of training's progress, 0 at its start and 1 at its end, where it is 0;
        :func:`fit` asks it in the middle of each step, so the first step moves and the last too.

    Raises:
        ValueError: ``warmup`` is not in [0, 1).
    """
    finite("peak", peak)
    if not 0 <= warmup < 1:
        raise ValueError(f"warmup must lie in [0, 1); it is {warmup}")

    def rate(progress: float) -> float:
        if progress < warmup:
            return peak * progress / warmup
        return peak * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2

    return rate


def fit(
    model: nn.Module,
    data: Data,
    loss: Callable[..., Tensor],
    *,
    steps: int,
    lr: float | Rate,
    seed: int = 0,
    ema: EMA | None = None,
    clip: float | None = None,
    arithmetic: Arithmetic = "float32",
    cpu_seconds: float | None = None,
    checkpoint: Checkpoint | None = None,
    save_every: int | None = 1000,
    log_every: int = 100,
) -> Iterator[Record]:
    """Train ``model`` with Adam; yield a :class:`Record` now and then.

    Step k draws all its random numbers (the batch, the noise, the times, dropout) from a generator
    seeded with ``step_seed(seed, k)``. So nothing random has to be saved: a run that was killed
    and is called again with the same arguments goes on from its checkpoint and ends with the same
    weights, bit for bit, on the same machine and number of threads. It first yields again the
    records of the steps that are done, so a loss curve is whole either way.

    With ``cpu_seconds`` training ends early if that much processor time is spent before all steps
    are made, and its progress, which sets the learning rate, is the share of the steps or of the
    time, whichever is larger (step k, from 0, lies at (k + 1/2) / steps). Such a run resumes, but
    how far it gets depends on the machine.

    Args:
        model: any module; trained in place; between records and after the last it is in evaluation
            mode.
        data: generator → the tensors of one batch, such as :func:`batches` makes.
        loss: called as ``loss(model, *batch, generator=generator)``; returns a scalar.
        steps: optimiser steps in all.
        lr: the learning rate, or a function of progress in (0, 1) such as :func:`warmup_cosine`.
        seed: of all random numbers.
        ema: updated after each step.
        clip: longest gradient; a longer one is scaled down to this norm.
        arithmetic: of the products in the loss, "float32" or "bfloat16"; which is faster here,
            :func:`diffusionbook.machine.precision.fastest` measures.
        cpu_seconds: processor time that training may take, all threads added up.
        checkpoint: the file to resume from if it is there, and to save to.
        save_every: steps between two saves, with one more at the end; None only reads.
        log_every: steps between two records; the last step has one, too.

    Raises:
        ValueError: a bad argument, or a checkpoint of another run (the message says what differs).
        DamagedFile: the checkpoint is no whole checkpoint.
        FloatingPointError: the loss or a weight is no longer finite. The checkpoint on disk is
            then still the last good one.
    """
    for name, value in (("steps", steps), ("log_every", log_every), ("save_every", save_every)):
        if value is not None:
            whole(name, value, least=1)
    step_seed(seed, 0)  # refuses what is no seed
    for name, value in (("clip", clip), ("cpu_seconds", cpu_seconds)):
        if value is not None:
            positive(name, value)
    rate = lr if callable(lr) else lambda _: lr
    if not all(0 <= rate((k + 0.5) / 4) < math.inf for k in range(4)):
        raise ValueError(f"lr must be finite and not negative; it is {lr}")
    trainer = Trainer(model, data, loss, steps, rate, seed, ema, clip, arithmetic)
    saved, now = None, Progress()
    if checkpoint is not None:
        saved = checkpoint.saved(trainer, _records)
        now = saved.load()
    # What is above fails at the call; the steps are made as the caller asks for records.
    return _records(trainer, now, saved, cpu_seconds or math.inf, save_every, log_every)


def _records(
    trainer: Trainer,
    now: Progress,
    saved: Saved | None,
    cpu_seconds: float,
    save_every: int | None,
    log_every: int,
) -> Iterator[Record]:
    trainer.model.eval()
    for values in now.records:
        yield Record(*values)
    before = "there was no finite loss before it"
    with long_work("training", trainer.steps, now.step) as advance:
        for k in range(now.step, trainer.steps):
            if now.cpu_seconds >= cpu_seconds:
                break  # a run that had ended was called again
            began, cpu_began = time.perf_counter(), time.process_time()
            lr = trainer.rate(max((k + 0.5) / trainer.steps, now.cpu_seconds / cpu_seconds))
            loss = trainer.step(k, lr)
            now.cpu_seconds += time.process_time() - cpu_began
            last = k + 1 == trainer.steps or now.cpu_seconds >= cpu_seconds
            if not math.isfinite(loss):
                raise FloatingPointError(
                    f"the loss is {loss} at step {k + 1} of {trainer.steps} (learning rate {lr:g}; "
                    f"{before}); try a lower lr, a warm-up, or clip=1.0"
                )
            now.step, before = k + 1, f"the last finite loss was {loss:g}"
            now.losses.append(loss)
            now.seconds += time.perf_counter() - began
            record = None
            if last or now.step % log_every == 0:
                mean = math.fsum(now.losses) / len(now.losses)
                record = Record(now.step, mean, lr, now.seconds, now.cpu_seconds)
                now.records.append(list(astuple(record)))
                now.losses.clear()
            if last:
                check_finite(trainer.model.state_dict(), now.step)
            if saved and save_every and (last or now.step % save_every == 0):
                saved.save(now)
            advance(**({"loss": f"{record.loss:.4f}"} if record else {}))
            if record:
                trainer.model.eval()
                yield record
