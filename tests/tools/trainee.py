"""One contestant of ``rivals.py`` in a process of its own, with an allocator of its own.

    python tests/tools/trainee.py train torchcfm --budget 600 --folder F    trains as stdin tells it
    python tests/tools/trainee.py judge torchcfm --images 24576 --folder F  draws samples, judges
    python tests/tools/trainee.py real                                      judges real images

To train, it reads a number of processor seconds from each line of stdin, trains for as long, and
says how far it is in a line of JSON. It keeps the weights each time that 1,024 more images are
seen, and at the end.
"""

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

KEPT = 1_024  # images between two kept states


def slices(
    images_seen: Iterator[int], seconds: Iterator[float], budget: float,
    keep: Callable[[int, float], None], every: int | None,
) -> Iterator[dict]:
    """Train for each of these seconds in turn, until the budget is spent or training ends.

    Args:
        images_seen: training itself: yields after each step.
        seconds: of the processor; each ends with the step in which they pass.
        budget: seconds in all.
        keep: is given the images and the seconds of a state worth keeping, outside the time.
        every: images between two such states; None keeps the last state only.
    """
    spent, images, marks, done = 0.0, 0, every, False
    for share in seconds:
        stop = min(spent + share, budget)
        while spent < stop and not done:
            begun, before = time.process_time(), images
            images = next(images_seen, None)
            spent += time.process_time() - begun
            if images is None:
                images, done = before, True
            elif every and images >= marks and spent < budget:
                keep(images, spent)
                marks = (images // every + 1) * every
        done = done or spent >= budget
        if done:
            keep(images, spent)
        yield {"cpu_seconds": spent, "images": images, "done": done}
        if done:
            return


def _train(options: argparse.Namespace, torch, out) -> None:
    from contestants import CONTESTANTS

    contestant = CONTESTANTS[options.name](options.budget, options.images)
    if options.channels_last:
        contestant.model.to(memory_format=torch.channels_last)
    parameters = sum(p.numel() for p in contestant.network().parameters())
    facts = {"parameters": parameters, "batch": contestant.batch, "whole": contestant.whole,
             "labels": contestant.labels, "samplers": contestant.samplers, "note": contestant.note}
    print(json.dumps(facts), file=out, flush=True)

    def keep(images: int, spent: float) -> None:
        if options.folder is not None:
            torch.save(contestant.network().state_dict(), weights(options, images))

    budget = options.budget if options.images is None else float("inf")
    every = None if contestant.whole is None else KEPT
    for state in slices(contestant.train(), map(float, sys.stdin), budget, keep, every):
        print(json.dumps(state), file=out, flush=True)


def weights(options: argparse.Namespace, images: int) -> Path:
    return options.folder / f"{options.name}, {images}.pt"


def _judge(options: argparse.Namespace, torch, out) -> None:
    from contestants import CONTESTANTS, SEED, counted

    from diffusionbook.data.mnist import all_labels
    from diffusionbook.zoo.judge import JUDGE, Judge

    contestant, labels = CONTESTANTS[options.name](options.budget), all_labels(options.samples)
    network = contestant.network()
    if options.channels_last:
        network.to(memory_format=torch.channels_last)
    network.load_state_dict(torch.load(weights(options, options.images)))
    torch.manual_seed(SEED + 1)
    with torch.no_grad(), counted(network) as looks:
        begun = time.process_time()
        drawn = contestant.draw(network, labels, options.sampler)
        seconds = time.process_time() - begun
    scores = Judge(JUDGE).score(drawn, labels if contestant.labels else None)
    found = {"evaluations": sum(looks) / len(labels), "sample_cpu_seconds": seconds / len(labels)}
    print(json.dumps(found | scores), file=out, flush=True)


def _real(options: argparse.Namespace, torch, out) -> None:
    """What real images come to: sets with as many of each class, and sets as they come."""
    from diffusionbook.data import mnist
    from diffusionbook.machine.environment import describe, versions
    from diffusionbook.randomness import seeded
    from diffusionbook.zoo.judge import JUDGE, Judge

    judge, train, n = Judge(JUDGE), mnist.real("train"), options.samples
    balanced = [judge.score_real(n, seed) for seed in range(options.sets)]
    rows = torch.randperm(len(train.images), generator=seeded(options.sets))
    sets = rows[: n * options.sets].split(n)
    come = [judge.score(train.images[some], None) for some in sets]
    found = {"judge": JUDGE, "data": judge.test.source.replace("test", "train and test"),
             "device": describe("cpu"), "versions": versions(),
             "real": {"balanced": summary(balanced), "as they come": summary(come)}}
    print(json.dumps(found), file=out, flush=True)


def summary(scores: list[dict[str, float]]) -> dict:
    """The mean over several sets, and the standard deviation of one set."""
    n = len(scores)
    mean = {key: sum(s[key] for s in scores) / n for key in scores[0]}
    spread = {key: (sum((s[key] - mean[key]) ** 2 for s in scores) / max(n - 1, 1)) ** 0.5
              for key in mean}
    return {"sets": n, "mean": mean, "spread": spread}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("train", "judge", "real"))
    parser.add_argument("name", nargs="?")
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--images", type=int)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--sampler")
    parser.add_argument("--sets", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rivals", type=Path)
    options = parser.parse_args()
    out, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    sys.path.insert(0, str(options.rivals))
    import torch

    torch.set_num_threads(options.threads)
    importlib.import_module("diffusionbook.data.vision")  # before the rivals import torchvision
    {"train": _train, "judge": _judge, "real": _real}[options.what](options, torch, out)


if __name__ == "__main__":
    main()
