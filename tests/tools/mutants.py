"""Plant small arithmetic mistakes in the package, one at a time, and see whether the tests notice.

    make mutants                          every module, 20 mutants each
    python tests/tools/mutants.py --modules paths nets/mlp --n 40 --seed 1 --jobs 2

A mutant that no test notices is printed with its line before and after: either a test is missing,
or the mutant changes nothing, and then it belongs in equivalent_mutants.toml with the reason.
"""

import argparse
import json
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path

import forked
from mutations import Mutant, mutants, sample
from reach import Plan, all_modules, module_file, plan

ROOT = Path(__file__).parents[2]


def main(argv: list[str] | None = None) -> int:
    options = _options().parse_args(argv)
    root = options.root.resolve()
    equivalents = read_equivalents(options.equivalents)
    plans = {m: plan(root, m) for m in options.modules or all_modules(root)}
    if options.own:
        plans = {m: Plan(p.own, []) for m, p in plans.items()}
    for module in [m for m, p in plans.items() if not p.own + p.rest]:
        print(f"no test imports {module}: it is left out")
        del plans[module]
    sources = {m: module_file(root, m) for m in plans}
    every = {m: mutants(m, path.read_text("utf8")) for m, path in sources.items()}
    for entry in unmatched(equivalents, every):
        print(f"warning: no such mutant any more: {entry}")
    chosen = []
    for found in every.values():
        keep = [m for m in found if (m.module, m.before, m.after) not in equivalents]
        chosen += sample(keep, options.n, options.seed)
    forked.warm_up()
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        trees = [forked.copy_tree(root, Path(scratch, f"tree{k}")) for k in range(options.jobs)]
        seconds, total = baseline(trees[0], plans, Path(scratch))
        begun = time.monotonic()
        results = run(chosen, trees, plans, seconds, options.limit or 3 * total + 20)
    took = time.monotonic() - begun
    return report(results, took, options)


def baseline(tree: Path, plans: dict[str, Plan], scratch: Path) -> tuple[dict, float]:
    """Run the chosen tests once, unmutated: they must pass, and their times order later runs."""
    tests = sorted({t for p in plans.values() for t in p.own + p.rest})
    if not tests:
        sys.exit("no test imports any of these modules")
    begun, record, log = time.monotonic(), scratch / "times.json", scratch / "baseline.log"
    pid = forked.start(tree, tests, forked.Order({}, record), log)
    while (status := forked.finished(pid, begun + 1800)) is None:
        time.sleep(0.05)
    if status:
        said = log.read_text("utf8")
        sys.exit(f"{said}\nthe tests fail before anything is mutated (status {status})")
    total = time.monotonic() - begun
    print(f"unmutated: {len(tests)} test files pass in {total:.1f} s", flush=True)
    return json.loads(record.read_text("utf8")), total


def run(
    chosen: list[Mutant], trees: list[Path], plans: dict[str, Plan], seconds: dict, limit: float
) -> list[tuple[Mutant, str]]:
    """Each mutant in a free tree of its own; (mutant, 'killed' | 'slow' | 'survived')."""
    waiting, busy, results = list(reversed(chosen)), {}, []
    while waiting or busy:
        for tree in trees:
            if tree not in busy and waiting:
                busy[tree] = Trial(tree, waiting.pop(), plans, seconds, limit)
            if tree in busy and (verdict := busy[tree].verdict()):
                mutant = busy.pop(tree).mutant
                results.append((mutant, verdict))
                show(mutant, verdict)
        time.sleep(0.02)
    return results


class Trial:
    """One mutant in one tree: first its module's own tests, then the others that reach it."""

    def __init__(
        self, tree: Path, mutant: Mutant, plans: dict[str, Plan], seconds: dict, limit: float
    ) -> None:
        self.tree, self.mutant, self.seconds, self.limit = tree, mutant, seconds, limit
        plan = plans[mutant.module]
        self.stages = [tests for tests in (plan.rest, plan.own) if tests]
        self.path = module_file(tree, mutant.module)
        self.original = self.path.read_text("utf8")
        self.path.write_text(mutant.text, "utf8")
        self.status, self.pid = 0, None

    def verdict(self) -> str | None:
        """What became of it, None while its tests run."""
        if self.pid is not None:
            self.status = forked.finished(self.pid, self.deadline)
            if self.status is None:
                return None
            self.pid = None
        if self.status == 0 and self.stages:
            order, log = forked.Order(self.seconds, None), self.tree.with_suffix(".log")
            self.deadline = time.monotonic() + self.limit
            self.pid = forked.start(self.tree, self.stages.pop(), order, log)
            return None
        self.path.write_text(self.original, "utf8")
        return {0: "survived", -9: "slow"}.get(self.status, "killed")


def show(mutant: Mutant, verdict: str) -> None:
    place = f"{mutant.module}:{mutant.line}"
    print(f"{verdict:<9}{place:<20}{mutant.kind:<11}{mutant.after}", flush=True)


def report(results: list[tuple[Mutant, str]], took: float, options: argparse.Namespace) -> int:
    """The table, every survivor with its line before and after, and whether enough were noticed."""
    count = Counter((m.module, verdict == "survived") for m, verdict in results)
    print(f"\n{'module':<20}{'mutants':>8}{'noticed':>9}")
    for module in sorted({m.module for m, _ in results}):
        missed, noticed = count[module, True], count[module, False]
        print(f"{module:<20}{missed + noticed:>8}{noticed / (missed + noticed):>9.0%}")
    survivors = [m for m, verdict in results if verdict == "survived"]
    for m in sorted(survivors, key=lambda m: (m.module, m.line)):
        print(f"\nno test notices {m.module}:{m.line} ({m.kind})\n  - {m.before}\n  + {m.after}")
    share = 1 - len(survivors) / max(len(results), 1)
    each = took / max(len(results), 1)
    asked = f"at least {options.bound:.0%} asked"
    print(f"\n{len(results)} mutants, {share:.1%} noticed ({asked}), {each:.1f} s each")
    return 0 if results and share >= options.bound else 1


def read_equivalents(path: Path) -> dict[tuple[str, str, str], str]:
    """(module, before, after) → why no test can notice the difference."""
    entries = tomllib.loads(path.read_text("utf8")).get("mutant", []) if path.exists() else []
    for entry in entries:
        if not str(entry.get("reason", "")).strip():
            raise ValueError(f"{path.name}: an entry for {entry.get('module')!r} gives no reason")
    return {(e["module"], e["before"], e["after"]): e["reason"] for e in entries}


def unmatched(equivalents: dict, every: dict[str, list[Mutant]]) -> list[tuple[str, str, str]]:
    known = {(m.module, m.before, m.after) for found in every.values() for m in found}
    return [e for e in equivalents if e[0] in every and e not in known]


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modules", nargs="*", help="such as paths or nets/mlp (default: all)")
    parser.add_argument("--n", type=int, default=20, help="mutants a module; 0: all (default 20)")
    parser.add_argument("--seed", type=int, default=0, help="which ones (default 0)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default 2)")
    parser.add_argument("--bound", type=float, default=0.95, help="share to notice (default 0.95)")
    parser.add_argument("--own", action="store_true", help="run only the module's own tests")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to mutate a copy of")
    parser.add_argument("--limit", type=float, help="seconds a mutant (default 3 × the tests + 20)")
    here = Path(__file__).with_name("equivalent_mutants.toml")
    parser.add_argument("--equivalents", type=Path, default=here)
    return parser


if __name__ == "__main__":
    sys.exit(main())
