"""The mutation run, on a planted module of a few lines."""

import ast
import subprocess
import sys
from pathlib import Path

import mutants
import pytest
from mutations import mutants as every_mutant
from mutations import sample, squeeze
from reach import NOT_ARITHMETIC, all_modules, plan

MODULE = '''"""Signal 1 + 1 in the docstring."""
import math

def noisy(x: float, eps: float, alpha: float) -> float:
    """Half of 3 * 4 in the docstring."""
    if alpha < 0:
        raise ValueError(f"alpha is {alpha + 1}, at least " + "0" * 2)
    sigma = math.sqrt(1 - alpha**2)
    return alpha * x + sigma * eps

def unused(x: float) -> float:
    return x - 1.5
'''
STRICT = """
import pytest
from diffusionbook.tiny import noisy

def test_values():
    assert noisy(2.0, 5.0, 0.6) == pytest.approx(1.2 + 4.0)
    assert noisy(2.0, 5.0, 0.0) == 5.0
    assert noisy(2.0, 5.0, 1.0) == 2.0

def test_negative():
    with pytest.raises(ValueError):
        noisy(1.0, 1.0, -0.5)
"""
LOOSE = """
from diffusionbook.tiny import noisy

def test_it_runs():
    noisy(2.0, 5.0, 0.6)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    package = tmp_path / "code" / "diffusionbook"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "tiny.py").write_text(MODULE, "utf8")
    (tmp_path / "tests").mkdir()
    return tmp_path


def mutate(tree: Path, test: str, *options: str) -> subprocess.CompletedProcess:
    (tree / "tests" / "test_tiny.py").write_text(test, "utf8")
    command = [sys.executable, mutants.__file__, "--root", tree, "--modules", "tiny", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_strict_tests_notice_every_mutant_of_the_tested_function(tree: Path) -> None:
    source = tree / "code" / "diffusionbook" / "tiny.py"
    source.write_text(MODULE.split("def unused")[0], "utf8")
    listed = tree / "equivalent.toml"
    listed.write_text(
        '[[mutant]]\nmodule = "tiny"\nbefore = "if alpha < 0:"\nafter = "if (alpha <= (-1)):"\n'
        'reason = "for the test below: never made"\n'
        '[[mutant]]\nmodule = "tiny"\nbefore = "if alpha < 0:"\nafter = "if alpha < (-1):"\n'
        'reason = "the test looks at -0.5 only"\n',
        "utf8",
    )
    run = mutate(tree, STRICT, "--n", "0", "--equivalents", str(listed))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "100.0% noticed" in run.stdout
    assert "no such mutant any more: ('tiny', 'if alpha < 0:', 'if (alpha <= (-1)):'" in run.stdout


@pytest.mark.slow
def test_survivors_are_shown_and_fail_the_run(tree: Path) -> None:
    source = tree / "code" / "diffusionbook" / "tiny.py"
    run = mutate(tree, LOOSE, "--n", "2", "--seed", "3", "--jobs", "1")
    assert run.returncode == 1
    assert "2 mutants, 0.0% noticed" in run.stdout
    assert run.stdout.count("no test notices tiny:") == 2
    assert "\n  - " in run.stdout and "\n  + " in run.stdout
    assert source.read_text("utf8") == MODULE


@pytest.mark.slow
def test_failing_tests_stop_the_run(tree: Path) -> None:
    run = mutate(
        tree, "from diffusionbook.tiny import noisy\n\ndef test_no():\n    assert noisy is 1\n"
    )
    assert run.returncode == 1
    assert "fail before anything is mutated" in run.stderr


@pytest.mark.slow
def test_an_endless_mutant_is_stopped(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def count(n):\n    while n > 0:\n        n = n - 1\n    return n\n"
    (tree / "code" / "diffusionbook" / "tiny.py").write_text(source, "utf8")
    test = "from diffusionbook.tiny import count\n\ndef test_count():\n    assert count(3) == 0\n"
    run = mutate(tree, test, "--limit", "2")
    assert "slow     tiny:3" in run.stdout and "n = ((n) + (1))" in run.stdout


def test_text_and_messages_are_left_alone() -> None:
    before = ast.parse(MODULE)
    for mutant in every_mutant("tiny", MODULE):
        after = ast.parse(mutant.text)
        assert ast.get_docstring(after) == ast.get_docstring(before)
        assert mutant.line not in (1, 5, 7)
        assert mutant.text != MODULE and mutant.before != mutant.after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = a + b", "x = ((a) - (b))"),
        ("x = a / b", "x = ((b) / (a))"),
        ("x = a * b", "x = (0.5 * (a * b))"),
        ("x = -a", "x = (a)"),
        ("x = y[1:]", "x = y[2:]"),
        ("x = torch.sqrt(a)", "x = (a)"),
        ("x = a.sqrt()", "x = (a)"),
        ("x = torch.expm1(a)", "x = torch.exp(a)"),
        ("x = f(a, b, c=1)", "x = f(b, a, c=1)"),
        ("x = path.d_alpha(t)", "x = path.d_sigma(t)"),
        ("x = a < b", "x = (a > b)"),
        ("x = a and b", "x = ((a) or (b))"),
        ("x = f(True)", "x = f(False)"),
        ("x = 0.25", "x = 0.5"),
    ],
)
def test_kinds_of_mistake(before: str, after: str) -> None:
    assert after in {m.after for m in every_mutant("m", before + "\n")}


def test_names_are_exchanged_only_where_both_are_known() -> None:
    both = every_mutant("m", "def f(alpha, sigma):\n    return alpha\n")
    assert [m.after for m in both] == ["return sigma"]
    assert not every_mutant("m", "def f(alpha):\n    return alpha\n")


def test_accents_before_the_edit_do_not_shift_it() -> None:
    (mutant,) = every_mutant("m", "x = {'é': -a}\n")
    assert mutant.after == "x = {'é': (a)}"


def test_the_sample_is_seeded_and_mixes_kinds() -> None:
    every = every_mutant("m", MODULE)
    assert sample(every, 8, seed=1) == sample(every, 8, seed=1) != sample(every, 8, seed=2)
    assert len({m.kind for m in sample(every, 6, seed=0)}) >= 4
    assert len(sample(every, 0, seed=0)) == len(every)


def test_equivalents_need_a_reason(tmp_path: Path) -> None:
    listed = tmp_path / "equivalent.toml"
    listed.write_text('[[mutant]]\nmodule = "m"\nbefore = "a"\nafter = "b"\nreason = " "\n', "utf8")
    with pytest.raises(ValueError, match="gives no reason"):
        mutants.read_equivalents(listed)


def test_every_line_of_the_committed_list_stands_in_its_module() -> None:
    entries = mutants.read_equivalents(mutants.ROOT / "tests" / "tools" / "equivalent_mutants.toml")
    modules = {module for module, _, _ in entries}
    assert modules <= set(all_modules(mutants.ROOT))
    texts = {m: squeeze(mutants.module_file(mutants.ROOT, m).read_text("utf8")) for m in modules}
    assert [(m, before) for m, before, _ in entries if before not in texts[m]] == []


def test_what_is_no_arithmetic_is_there_and_left_out() -> None:
    package = mutants.ROOT / "code" / "diffusionbook"
    for name in NOT_ARITHMETIC:
        assert (package / name).is_dir() or (package / f"{name}.py").is_file(), name
    found = all_modules(mutants.ROOT)
    assert {"prediction", "samplers/ode", "page/explorer"} <= set(found)
    assert not {"samplers", "plots/points", "page/report", "cli/sheet"} & set(found)


@pytest.mark.slow
def test_the_tests_of_a_module_stand_in_its_room() -> None:
    assert plan(mutants.ROOT, "likelihood/ode").own == ["tests/likelihood/test_ode.py"]
    assert "tests/samplers/test_steps.py" in plan(mutants.ROOT, "samplers/ode").own
    assert plan(mutants.ROOT, "prediction").own[0] == "tests/test_prediction.py"


@pytest.mark.slow
def test_a_test_reaches_what_its_helpers_import() -> None:
    assert "tests/samplers/test_loop.py" in plan(mutants.ROOT, "data/toy").rest


@pytest.mark.slow
def test_the_committed_list_is_current() -> None:
    entries = mutants.read_equivalents(mutants.ROOT / "tests" / "tools" / "equivalent_mutants.toml")
    modules = {m: mutants.module_file(mutants.ROOT, m) for m, _, _ in entries}
    every = {m: every_mutant(m, path.read_text("utf8")) for m, path in modules.items()}
    assert mutants.unmatched(entries, every) == []
