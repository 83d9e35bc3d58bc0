"""The command line, ``python -m diffusionbook``: train, sample, evaluate, experiment, export, info.

This module only reads arguments. Whether they make sense is asked in
:mod:`diffusionbook.cli.preflight`, and what a command does is in
:mod:`diffusionbook.cli.commands`, which is imported after that: neither ``--help`` nor a mistake
waits for PyTorch.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path

from diffusionbook.cli.argument_types import finite, label, place, whole
from diffusionbook.cli.terminal import any_encoding, in_words

SEEDS = 2**63 - 1  # the largest
EXAMPLES = """examples:
  python -m diffusionbook info
  python -m diffusionbook train spiral-mlp --out runs
  python -m diffusionbook sample spiral-mlp --weights runs --out spiral.png
  python -m diffusionbook sample mnist-unet --n 100 --label 7 --out sevens.png
  python -m diffusionbook sample canvas-latent --n 9 --label 47 --out 47.png
  accelerate launch -m diffusionbook train spiral-mlp
"""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints take one line."""

    def error(self, message: str) -> None:
        said = " ".join(message.removeprefix("argument ").split())
        self.exit(2, f"{self.prog.split()[-1]}: {said}; see: {self.prog} --help\n")


class Version(argparse.Action):
    """Print the versions that numbers depend on."""

    def __call__(self, parser, *_) -> None:
        found = {name: metadata.version(name) for name in ("diffusionbook", "torch", "numpy")}
        found["python"] = ".".join(map(str, sys.version_info[:3]))
        print(", ".join(f"{name} {version}" for name, version in found.items()))
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    main = Parser(
        prog="python -m diffusionbook",
        description="Train, sample and measure the models of the book.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    main.add_argument("--version", action=Version, nargs=0, help="print versions and exit")
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")

    train = commands.add_parser(
        "train", help="train a model by its recipe",
        description="Train a model by its recipe; write its weights and their receipt. A run that "
                    "was interrupted goes on when the same command is given again.")
    train.add_argument("name", help="of the recipe, such as spiral-mlp")
    train.add_argument("--steps", type=whole(1, 10**9),
                       help="optimiser steps (default: the recipe's)")
    train.add_argument("--seed", type=whole(0, SEEDS),
                       help="training seed (default: the recipe's)")
    train.add_argument("--out", type=place, default=Path("runs"), metavar="FOLDER",
                       help="where the files go (default: runs)")
    train.add_argument("--again", action="store_true",
                       help="train once more and replace a finished model that is there")
    _device(train)
    _data_root(train)

    sample = commands.add_parser(
        "sample", help="draw samples from a model",
        description="Draw samples from a trained model and write them to a file.")
    _model(sample)
    sample.add_argument("--n", type=whole(1, 10**6),
                        help="samples (default: 100 images, 2000 points)")
    sample.add_argument("--label", type=label,
                        help="of all samples: a digit, of canvases a number 00 … 99; -1 for none "
                        "(default: those of the training in turn)")
    sample.add_argument("--guidance", type=finite, metavar="W",
                        help="guidance scale; 0 ignores the label, 1 is no guidance "
                        "(default: the model's best)")
    sample.add_argument("--interval", type=finite, nargs=2, metavar=("LOW", "HIGH"),
                        help="guide only at these times; 0 1 is always "
                        "(default: the model's best)")
    sample.add_argument("--sampler", help="ddpm, ddim, euler, heun or dpmpp2m "
                        "(default: the model's best)")
    sample.add_argument("--steps", type=whole(1, 10**6),
                        help="sampler steps (default: the model's best)")
    sample.add_argument("--seed", type=whole(0, SEEDS), default=0, help="of the noise (default: 0)")
    sample.add_argument("--out", type=place, required=True, metavar="FILE",
                        help="x.npy for the numbers (of images: float32, 0 … 1), "
                        "x.png for a picture (of images: a sheet of all)")
    _device(sample)

    evaluate = commands.add_parser(
        "evaluate", help="measure a model",
        description="Measure a trained model as its recipe says; print JSON: for each measure the "
                    "mean and standard deviation over sampling seeds.")
    _model(evaluate)
    where = evaluate.add_mutually_exclusive_group()
    where.add_argument("--out", type=place, metavar="FILE", help="write the JSON here instead")
    where.add_argument("--record", action="store_true",
                       help="put the numbers into the model's receipt instead; nothing is trained")
    _reseal(where, evaluate)
    _device(evaluate)
    _data_root(evaluate)

    experiment = commands.add_parser(
        "experiment", help="run an experiment that a chapter quotes",
        description="Train with several seeds, measure, and write the numbers with everything "
                    "they depend on to NAME.json.")
    experiment.add_argument("name", help="of the experiment, such as spiral-chain")
    experiment.add_argument("--out", type=place, metavar="FOLDER",
                            help="where the result goes (default: the package's results)")
    _reseal(experiment, experiment)
    _device(experiment)
    _data_root(experiment)

    export = commands.add_parser(
        "export", help="write a model for the reader's browser",
        description="Write trained networks as files that pages of the book load: those of the "
                    "explorer as scripts, that of the page \"A digit in the page\" as ONNX, which "
                    "takes the package onnx.")
    export.add_argument("name", choices=["explorer", "digit"], help="whose networks")
    export.add_argument("--out", type=place, metavar="FOLDER",
                        help="where the files go (default: book/static/NAME)")
    _weights(export)

    info = commands.add_parser(
        "info", help="list models, recipes, experiments and results",
        description="List what there is; with a name, print the receipt of that model.")
    info.add_argument("name", nargs="?", help="of a model")
    _weights(info)
    return main


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", help="of the model, such as mnist-unet")
    _weights(command)


def _weights(command: argparse.ArgumentParser) -> None:
    command.add_argument("--weights", type=place, metavar="FOLDER",
                         help="where the model's files are (default: those shipped); its "
                         "autoencoder's, too, if it has one and they are there")


def _reseal(group: argparse._ActionsContainer, command: argparse.ArgumentParser) -> None:
    group.add_argument("--reseal", action="store_true",
                       help="measure nothing; show that the numbers hold for today's code, by "
                       "their tiny form under the code they were measured with and under this one")
    command.add_argument("--old-python", metavar="PYTHON",
                         help="with --reseal: an interpreter with the older libraries")


def _device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", help="such as cpu, cuda or cuda:1 (default: a GPU if any)")


def _data_root(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data-root", type=place, metavar="FOLDER",
                         help="where data sets are kept (default: MNIST_ROOT, or a cache folder)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 2 after a mistake that one line on stderr explains, or 130
    if it was interrupted."""
    any_encoding(sys.stdout, sys.stderr)
    options = parser().parse_args(arguments)
    try:
        _run(options)
        return 0
    except BrokenPipeError:  # who read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt as interrupt:
        print(f"{options.command}: interrupted{interrupt}", file=sys.stderr)
        return 130
    except Exception as error:
        reason = in_words(error)
        if reason is None:
            raise
        print(f"{options.command}: {reason}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> None:
    getattr(import_module("diffusionbook.cli.preflight"), options.command)(options)
    if options.command == "info":
        import_module("diffusionbook.cli.listing").info(options)
    else:
        work = getattr(import_module("diffusionbook.cli.commands"), options.command)
        with import_module("diffusionbook.machine.progress").shown():
            work(options)
    if sys.stdout is not None:
        sys.stdout.flush()  # here, where a full disk can still be told
