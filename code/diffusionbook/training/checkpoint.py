"""What must be on disk to take a training run up again, and the proof that it is that run."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from diffusionbook.evidence import record
from diffusionbook.evidence.closure import Closure
from diffusionbook.files.tensors import read_tensors, write_tensors
from diffusionbook.training.ema import EMA
from diffusionbook.training.identity import code, identity


@dataclass
class Progress:
    """How far a run is: everything about it that is not a tensor.

    Attributes:
        step: optimiser steps made.
        seconds: training time so far.
        cpu_seconds: of all threads together, the share of it that computed.
        records: the values of the records so far.
        losses: the losses since the last record.
    """

    step: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    records: list[list] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Checkpoint:
    """A file to take a run up from, and to save it to: what
    :func:`~diffusionbook.training.loop.fit` is handed.

    A run goes on only from its own file: the file holds what tells a run from others, as far as
    that can be seen (:mod:`diffusionbook.training.identity`), and ``of``.

    Args:
        path: the file; it need not be there yet.
        of: what else this run is, by name, such as the fields of a recipe.
    """

    path: Path | str
    of: Mapping[str, object] = field(default_factory=dict)

    def saved(self, trainer, loop: Callable) -> "Saved":
        """The run of this trainer in the file; ``loop`` is what makes its steps."""
        return Saved(Path(self.path), trainer.model, trainer.adam, trainer.ema,
                     identity(trainer, self.of), code(trainer, loop))

    def begun(self) -> dict[str, dict]:
        """What the file says of its run: ``run``, its identity, ``code``, the record of the
        definitions that it was begun with, and ``progress``; nothing if there is no file.

        Raises:
            DamagedFile: the file is not whole.
        """
        return read_tensors(Path(self.path))[1] if Path(self.path).exists() else {}


@dataclass(frozen=True)
class Saved:
    """One file that holds the weights, Adam's averages, the running average and the progress.

    Args:
        path: the file.
        model: the model in training.
        adam: its optimiser.
        ema: its running average, if it has one.
        identity: what makes this run this run (steps, seed, …); a checkpoint with another identity
            is refused.
        code: what a step of it reaches; a checkpoint of other code is refused.
    """

    path: Path
    model: nn.Module
    adam: torch.optim.Adam
    ema: EMA | None
    identity: dict[str, object]
    code: Closure

    def save(self, progress: Progress) -> None:
        """Replace the file, unless a weight is not finite.

        Raises:
            FloatingPointError: a weight is NaN or infinite; the older file is left as it is.
        """
        tensors = self._tensors()
        check_finite(tensors, progress.step)
        held = {"digest": self.code.digest, "reaches": self.code.reaches, "roots": self.code.roots}
        write_tensors(self.path, tensors,
                      {"run": self.identity, "code": held, "progress": vars(progress)})

    def load(self) -> Progress:
        """Restore model, optimiser and average from the file; a new :class:`Progress` without one.

        Raises:
            DamagedFile: the file is not whole.
            ValueError: the file is of another run; the message names what differs.
        """
        if not self.path.exists():
            return Progress()
        tensors, header = read_tensors(self.path)
        self._check(header)
        self.model.load_state_dict(_below("model.", tensors))
        progress = Progress(**header["progress"])
        if self.ema is not None:
            self.ema.model.load_state_dict(_below("ema.", tensors))
            self.ema.updates = progress.step
        state = self.adam.state_dict()
        for i in range(len(state["param_groups"][0]["params"])):
            state["state"][i] = _below(f"adam.{i}.", tensors)
        self.adam.load_state_dict(state)
        return progress

    def _check(self, header: dict) -> None:
        """Raise ValueError unless the file is of this run."""
        cure = "repeat the earlier call, name another file, or delete this one"
        then, now = header.get("run", {}), self.identity
        for key in [*now, *then]:
            was, value = (run.get(key, "not recorded") for run in (then, now))
            if was != value:
                raise ValueError(
                    f"checkpoint {self.path} is of another run: its {key} is {was}, and this "
                    f"run's is {value}; {cure}"
                )
        changed = record.difference(header["code"], self.code)
        if changed:
            raise ValueError(f"checkpoint {self.path} is of another run: {changed} since it was "
                             f"begun; {cure}")

    def _tensors(self) -> dict[str, Tensor]:
        found = {f"model.{name}": x for name, x in self.model.state_dict().items()}
        for i, state in self.adam.state_dict()["state"].items():
            found |= {f"adam.{i}.{name}": x for name, x in state.items()}
        if self.ema is not None:
            found |= {f"ema.{name}": x for name, x in self.ema.model.state_dict().items()}
        return found


def check_finite(tensors: dict[str, Tensor], step: int) -> None:
    """Raise FloatingPointError if one of ``tensors`` holds a NaN or an infinity."""
    for name, x in tensors.items():
        if not math.isfinite(x.detach().double().abs().sum()):
            raise FloatingPointError(
                f"{name} is no longer finite after step {step}; try a lower learning rate, "
                f"a warm-up, or clip=1.0"
            )


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): x for k, x in tensors.items() if k.startswith(prefix)}
