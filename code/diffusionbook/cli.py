"""The command line, ``python -m diffusionbook``: train, sample, evaluate, experiment, export, info.

This module only reads arguments. What a command does is in :mod:`diffusionbook.commands`, which is
imported when one runs, so that ``--help`` does not wait for PyTorch.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

EXAMPLES = """examples:
  python -m diffusionbook info
  python -m diffusionbook train spiral-mlp --out runs
  python -m diffusionbook sample spiral-mlp --weights runs --out spiral.png
  python -m diffusionbook sample mnist-unet --n 100 --label 7 --out sevens.png
  accelerate launch -m diffusionbook train spiral-mlp
"""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    main = argparse.ArgumentParser(
        prog="python -m diffusionbook",
        description="Train, sample and measure the models of the book.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")

    train = commands.add_parser(
        "train", help="train a model by its recipe",
        description="Train a model by its recipe; write its weights and their receipt. A run that "
                    "was interrupted goes on when the same command is given again.")
    train.add_argument("name", help="of the recipe, such as spiral-mlp")
    train.add_argument("--steps", type=whole(1), help="optimiser steps (default: the recipe's)")
    train.add_argument("--seed", type=whole(0), help="training seed (default: the recipe's)")
    train.add_argument("--out", type=Path, default=Path("runs"), metavar="FOLDER",
                       help="where the files go (default: runs)")
    _device(train)
    _data_root(train)

    sample = commands.add_parser(
        "sample", help="draw samples from a model",
        description="Draw samples from a trained model and write them to a file.")
    _model(sample)
    sample.add_argument("--n", type=whole(1), default=2000, help="samples (default: 2000)")
    sample.add_argument("--label", type=whole(-1),
                        help="of all samples, -1 for none (default: 0, 1, … in turn)")
    sample.add_argument("--guidance", type=float, metavar="W",
                        help="guidance scale; 0 ignores the label, 1 is no guidance "
                        "(default: the model's best)")
    sample.add_argument("--interval", type=float, nargs=2, metavar=("LOW", "HIGH"),
                        help="guide only at these times; 0 1 is always "
                        "(default: the model's best)")
    sample.add_argument("--sampler", help="ddpm, ddim, euler, heun or dpmpp2m "
                        "(default: the model's best)")
    sample.add_argument("--steps", type=whole(1),
                        help="sampler steps (default: the model's best)")
    sample.add_argument("--seed", type=whole(0), default=0, help="of the noise (default: 0)")
    sample.add_argument("--out", type=Path, required=True, metavar="FILE",
                        help="x.npy for the numbers (of images: float32, 0 … 1), "
                        "x.png for a picture")
    _device(sample)

    evaluate = commands.add_parser(
        "evaluate", help="measure a model",
        description="Measure a trained model as its recipe says; print JSON: for each measure the "
                    "mean and standard deviation over sampling seeds.")
    _model(evaluate)
    where = evaluate.add_mutually_exclusive_group()
    where.add_argument("--out", type=Path, metavar="FILE", help="write the JSON here instead")
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
    experiment.add_argument("--out", type=Path, metavar="FOLDER",
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
    export.add_argument("--out", type=Path, metavar="FOLDER",
                        help="where the files go (default: book/static/NAME)")
    _weights(export)

    info = commands.add_parser(
        "info", help="list models, recipes, experiments and results",
        description="List what there is; with a name, print the receipt of that model.")
    info.add_argument("name", nargs="?", help="of a model")
    _weights(info)
    return main


def whole(least: int):
    """An argument type: a whole number that is `least` or more."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(
                f"it must be a whole number, {least} or more; it is {text}")
        return value

    return number


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", help="of the model, such as mnist-unet")
    _weights(command)


def _weights(command: argparse.ArgumentParser) -> None:
    command.add_argument("--weights", type=Path, metavar="FOLDER",
                         help="where the model's files are (default: those shipped)")


def _reseal(group: argparse._ActionsContainer, command: argparse.ArgumentParser) -> None:
    group.add_argument("--reseal", action="store_true",
                       help="measure nothing; show that the numbers hold for today's code, by "
                       "their tiny form under the code they were measured with and under this one")
    command.add_argument("--old-python", metavar="PYTHON",
                         help="with --reseal: an interpreter with the older libraries")


def _device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", help="such as cpu, cuda or cuda:1 (default: a GPU if any)")


def _data_root(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data-root", type=Path, metavar="FOLDER",
                         help="where data sets are kept (default: MNIST_ROOT, or a cache folder)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 2 after a mistake that one line on stderr explains, or 130
    if it was interrupted."""
    options = parser().parse_args(arguments)
    from diffusionbook import commands, progress

    try:
        with progress.shown():
            getattr(commands, options.command)(options)
    except (ValueError, OSError, FloatingPointError) as error:
        print(f"{options.command}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{options.command}: interrupted", file=sys.stderr)
        return 130
    return 0
