"""What ran lies in the closure: each measurement in its tiny form, watched function by function."""

import pytest

from diffusionbook import experiments, zoo
from diffusionbook.evidence import probe, record
from diffusionbook.evidence.sources import Package


def run(measures, name, package):
    small = probe.tiny(measures(name, package).roots[0][0], package)
    return probe.run(measures, name, package, small)


MEASURED = [(record.experiment, name) for name in experiments.names()]
MEASURED += [(record.evaluation, name) for name in zoo.names()]


@pytest.mark.slow
@pytest.mark.usefixtures("true_digits")
@pytest.mark.parametrize(("measures", "name"), MEASURED, ids=lambda x: getattr(x, "__name__", x))
def test_what_runs_lies_in_the_closure(measures, name):
    found = run(measures, name, Package())
    assert found.outside == ()
    assert 15 < len(found.ran) < len(found.closure.own)
    assert ("diffusionbook.randomness", "seeded") in found.ran


def tiny(miniature, text):
    miniature.edit("experiments/small_test.py", "SAMPLES = 10", f"SAMPLES = 10\nTINY = {text}")
    miniature.edit("experiments/small_test.py", '    net = zoo.load("my-net")\n', "    net = 0\n")
    return Package(miniature.root)


def test_a_tiny_run_has_the_small_constants_and_says_what_ran(miniature):
    package = tiny(miniature, '{"SAMPLES": 2, "Child.width": 1, "deep 1": 2}')
    found = run(record.experiment, "small-test", package)
    # Child.step(0) = 0 + width; scaled: times 3, 2 and a root; outer(2) is 0 after one step of 2
    assert float.fromhex(found.numbers["a"]) == pytest.approx(3 * 2 * 2**0.5)
    assert {name for _, name in found.ran} == {
        "measure", "scaled", "Base.step", "Child.helper", "outer", "deep", "traced"}
    assert found.outside == ()


@pytest.mark.slow
def test_the_sources_stay_as_they_are(miniature):
    package = tiny(miniature, '{"SAMPLES": 2}')
    before = (miniature.root / "experiments" / "small_test.py").read_text("utf-8")
    run(record.experiment, "small-test", package)
    assert (miniature.root / "experiments" / "small_test.py").read_text("utf-8") == before


@pytest.mark.slow
def test_what_runs_outside_the_closure_is_told(miniature):
    package = tiny(miniature, "{}")
    miniature.edit("tools.py", "return inner(x)", "globals()['unused'](x)\n    return inner(x)")
    miniature.edit("tools.py", "FACTOR\n\n    globals", "FACTOR\n\n    open(m.__spec__ and "
                   "__file__.replace('tools.py', 'weights/my-net.json')).close()\n    globals")
    found = run(record.experiment, "small-test", package)
    assert found.outside == ("pkg.tools:unused", "weights/my-net.json")


@pytest.mark.slow
def test_child_processes_are_watched_too(miniature):
    miniature.write("apart.py", """from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def alone(x):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(deeper, x).result()


def deeper(x):
    return x + 1
""")
    miniature.edit("experiments/other_test.py", "RECIPES = ()", "RECIPES = ()\nTINY = {}")
    found = run(record.experiment, "other-test", Package(miniature.root))
    assert ("pkg.apart", "deeper") in found.ran


@pytest.mark.parametrize(("text", "message"), [
    ('{"NO": 1}', "TINY has 'NO', which the experiment does not reach"),
    ('{"Child.height": 1}', "TINY has 'Child.height', which is no constant or field"),
    ('{"measure": 1}', "TINY has 'measure', which is no constant or field"),
    ('{"deep 5": 1}', "TINY has 'deep 5', which is not in its text"),
    ('{"SAMPLES": "x"}', "the tiny form of small-test failed: .*TypeError"),
])  # fmt: skip
def test_constants_that_are_not_there_are_an_error(text, message, miniature):
    package = tiny(miniature, text)
    with pytest.raises(ValueError, match="(?s)" + message):
        run(record.experiment, "small-test", package)


def test_a_measurement_without_a_tiny_form_is_an_error(miniature):
    with pytest.raises(ValueError, match="pkg.apart has no TINY"):
        probe.tiny("pkg.apart", Package(miniature.root))
