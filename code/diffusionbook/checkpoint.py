"""What must be on disk to take a training run up again, and the proof that it is that run."""

import math
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from diffusionbook.ema import EMA
from diffusionbook.files import read_tensors, write_tensors


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
    """A file to take a run up from, and to save it to: what :func:`~diffusionbook.train.fit` is
    handed.

    Args:
        path: the file; it need not be there yet.
    """

    path: Path | str

    def saved(self, trainer) -> "Saved":
        """The run of this trainer in the file."""
        return Saved(Path(self.path), trainer.model, trainer.adam, trainer.ema, trainer.identity())


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
    """

    path: Path
    model: nn.Module
    adam: torch.optim.Adam
    ema: EMA | None
    identity: dict[str, object]

    def save(self, progress: Progress) -> None:
        """Replace the file, unless a weight is not finite.

        Raises:
            FloatingPointError: a weight is NaN or infinite; the older file is left as it is.
        """
        tensors = self._tensors()
        check_finite(tensors, progress.step)
        write_tensors(self.path, tensors, {"run": self.identity, "progress": vars(progress)})

    def load(self) -> Progress:
        """Restore model, optimiser and average from the file; a new :class:`Progress` without one.

        Raises:
            DamagedFile: the file is not whole.
            ValueError: the file is of another run; the message names what differs.
        """
        if not self.path.exists():
            return Progress()
        tensors, header = read_tensors(self.path)
        then, now = header.get("run", {}), self.identity
        for key in [*now, *then]:
            if then.get(key) != now.get(key):
                raise ValueError(
                    f"checkpoint {self.path} is of another run: its {key} is {then.get(key)}, and "
                    f"this run's is {now.get(key)}; repeat the earlier call, or name another file"
                )
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
