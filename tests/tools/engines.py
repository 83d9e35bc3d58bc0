"""The laboratory's engine beside TensorFlow.js: training steps a second of one network, in one
Chromium. TensorFlow.js comes by npm, in one exact version, into a folder that is removed.

    python tests/tools/engines.py        every turn of every contestant

TensorFlow.js is spared what the engine does besides: its batch lies ready on the device and is
always the same, no weights are averaged, nothing is compared with the exact answer.
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from row import Row

ROOT = Path(__file__).parents[2]
WHAT = "the laboratory: steps of training a second, over those of TensorFlow.js"
VERSION = "4.22.0"
PACKED = {  # what npm must say of each
    f"@tensorflow/tfjs@{VERSION}": "sha512-0TrIrXs6/b7FLhLVNmfh8Sah6JgjBPH4mZ8JGb7NU6WW+cx00qK5Bc"
        "AZxw7NCzxj6N8MRAIfHq+oNbPUNG5VAg==",
    f"@tensorflow/tfjs-backend-wasm@{VERSION}": "sha512-/IYhReRIp4jg/wYW0OwbbJZG8ON87mbz0PgkiP3CdcA"
        "CRSvUN0h8rvC0O3YcDtkTQtFWF/tcXq/KlVDyV49wmA==",
}  # fmt: skip
LIBRARY = ("tf.min.js", "tf-backend-wasm.min.js")
RIVALS = {"cpu": ("cpu", 1), "wasm": ("wasm", 1), "wasm, threads": ("wasm", os.cpu_count() or 1),
          "webgl": ("webgl", 1)}
TURNS, MILLISECONDS = 5, 2_000
ALIKE = 1e-3  # how far the losses of the two may be apart, as a share
ISOLATED = {"Cross-Origin-Opener-Policy": "same-origin",  # without these there are no threads
            "Cross-Origin-Embedder-Policy": "require-corp"}


def rows(root: Path) -> Iterator[Row]:
    """How many times as many steps as the fastest backend of TensorFlow.js, turn by turn."""
    found = measured(root)
    median = {name: statistics.median(turns) for name, turns in found.items()}
    fastest = max(RIVALS, key=lambda name: median.get(name, 0))
    ratios = [a / b for a, b in zip(found["ours"], found[fastest], strict=True)]
    each = "; ".join(f"{name} {median[name]:,.0f}" for name in RIVALS if name in median)
    yield Row(f"{WHAT} ({fastest})", statistics.median(ratios), 5, "",
              "Beside public implementations, in short", least=True,
              beside=f"{min(ratios):.1f} to {max(ratios):.1f} in {len(ratios)} turns; a second "
                     f"{median['ours']:,.0f}, TensorFlow.js {VERSION}: {each}")


def measured(root: Path = ROOT) -> dict[str, list[float]]:
    """Steps a second in each turn of each contestant that Chromium has here."""
    sys.path.insert(0, str(root / "tests" / "site"))
    import serve
    import visit

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="engines-")))
        fetch(folder)
        write(folder, root / "book" / "static")
        address = stack.enter_context(serve.serve(folder))
        context = stack.enter_context(visit.chromium()).new_context()
        context.route("**/*", _isolated)
        found: dict[str, list[float]] = {}
        pages = {name: context.new_page() for name in ("ours", *RIVALS)}
        for name, page in list(pages.items()):
            page.goto(f"{address}/page.html")
            if not page.evaluate("(given) => TrainingSpeed.prepare(...given)",
                                 RIVALS.get(name, ("ours", 1))):
                print(f"Chromium has no {name} here", file=sys.stderr)
                del pages[name]
        check(pages["cpu"].evaluate("TrainingSpeed.same()"))
        for _ in range(TURNS):
            for name, page in pages.items():
                speed = page.evaluate(f"TrainingSpeed.run({MILLISECONDS})")
                found.setdefault(name, []).append(speed)
        return found


def fetch(folder: Path) -> None:
    """Put the files of TensorFlow.js into ``folder``.

    Raises:
        FileNotFoundError: there is no npm.
        ValueError: a package is not the one that was expected.
    """
    if shutil.which("npm") is None:
        raise FileNotFoundError("npm is missing: install it, or leave this measurement out")
    done = subprocess.run(["npm", "pack", "--json", "--ignore-scripts", *PACKED], cwd=folder,
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for package in json.loads(done.stdout):
        name = f"{package['name']}@{package['version']}"
        if package["integrity"] != PACKED[name]:
            raise ValueError(f"{name} must have the checksum {PACKED[name]}; "
                             f"it has {package['integrity']}")
        with tarfile.open(folder / package["filename"]) as packed:
            for member in packed:
                file = Path(member.name)
                if file.parent.name == "dist" and (file.name in LIBRARY or file.suffix == ".wasm"):
                    (folder / file.name).write_bytes(packed.extractfile(member).read())
        (folder / package["filename"]).unlink()


def write(folder: Path, static: Path) -> None:
    """A page that has both, in ``folder``."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from bookext.site.live_parts import LABORATORY

    names = [*LIBRARY]
    for part in LABORATORY[: LABORATORY.index("js/laboratory/trainer") + 1]:
        names.append(f"{part.replace('/', '-')}.js")
        shutil.copy(static / f"{part}.js", folder / names[-1])
    names.append("engines.js")
    shutil.copy(Path(__file__).with_name(names[-1]), folder)
    (folder / "page.html").write_text(
        '<!doctype html><link rel="icon" href="data:,">'
        + "".join(f'<script src="{name}"></script>' for name in names), "utf-8")


def check(losses: list[list[float]]) -> None:
    """Both train the same network, if their losses are the same all along.

    Raises:
        ValueError: they are not.
    """
    for step, (ours, theirs) in enumerate(losses):
        if not abs(ours - theirs) <= ALIKE * abs(theirs):
            raise ValueError(f"losses must be the same in both; at step {step} they are "
                             f"{ours:.6g} and {theirs:.6g}")


def _isolated(route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, **ISOLATED})


if __name__ == "__main__":
    for contestant, turns in measured().items():
        print(f"{contestant:<16}" + "".join(f"{speed:>10,.0f}" for speed in turns))
