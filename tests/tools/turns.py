"""Processes that train in turn, so that what else the machine does meets all of them alike."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

TRAINEE = Path(__file__).with_name("trainee.py")


def _command(*arguments: object) -> list[str]:
    return [sys.executable, str(TRAINEE), *map(str, arguments)]


@dataclass(frozen=True)
class Setting:
    """What may speed a training up and leaves what it computes alone, up to rounding.

    Attributes:
        variables: of the environment, which say what the C library does with freed memory.
        threads: of PyTorch.
        channels_last: whether the weights lie in memory with the channels last.
    """

    variables: dict[str, str] = field(default_factory=dict)
    threads: int = 1
    channels_last: bool = False

    def environment(self) -> dict[str, str]:
        threads = {name: str(self.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        return {**os.environ, **threads, **self.variables}

    def arguments(self) -> list[str]:
        last = ["--channels-last"] if self.channels_last else []
        return ["--threads", str(self.threads), *last]


def answer(*arguments: object, rivals: Path, setting: Setting) -> dict:
    """What a trainee answers in one line."""
    done = subprocess.run(
        _command(*arguments, "--rivals", rivals, *setting.arguments()), check=True, text=True,
        stdout=subprocess.PIPE, env=setting.environment())
    return json.loads(done.stdout)


class Trainee:
    """A contestant that trains in another process when it is told to.

    Attributes:
        facts: what it says of itself.
        state: how far it is: ``cpu_seconds``, ``images``, ``done``.
    """

    def __init__(self, name: str, budget: float, *, rivals: Path, setting: Setting,
                 images: int | None = None, folder: Path | None = None) -> None:
        more = ["--budget", budget, "--rivals", rivals, *setting.arguments()]
        more += ["--images", images] if images is not None else []
        more += ["--folder", folder] if folder is not None else []
        self.name = name
        self._process = subprocess.Popen(
            _command("train", name, *more), env=setting.environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.facts = self._answer()
        self.state = {"cpu_seconds": 0.0, "images": 0, "done": False}

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            self.end()
            raise RuntimeError(f"{self.name} ended with status {self._process.returncode}")
        return json.loads(line)

    def go_on(self, seconds: float) -> None:
        """Train for some processor seconds more."""
        print(seconds, file=self._process.stdin, flush=True)
        self.state = self._answer()
        if self.state["done"]:
            self.end()

    def end(self) -> None:
        """Train no more."""
        self._process.communicate()

    def trained(self, equal: str) -> dict:
        """An entry of the record, to be judged."""
        return {"equal": equal, "images": self.state["images"],
                "cpu_seconds": self.state["cpu_seconds"], "scores": {}}


def take_turns(trainees: list, seconds: float, log: Path | None = None) -> None:
    """Everybody trains for some seconds, then everybody again, until all are done."""
    while any(not one.state["done"] for one in trainees):
        for one in trainees:
            if not one.state["done"]:
                one.go_on(seconds)
            if log is not None:
                with log.open("a", encoding="utf8") as lines:
                    print(json.dumps({"name": one.name, **one.state}), file=lines)
