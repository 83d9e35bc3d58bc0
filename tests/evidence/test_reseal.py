"""A record goes on only where the same bits are shown to come out of the changed code."""

import subprocess

import pytest
from small_package import Miniature

from diffusionbook.evidence import record
from diffusionbook.evidence.reseal import reseal
from diffusionbook.evidence.sources import Package

pytestmark = pytest.mark.slow  # each test measures thrice, in processes of its own


class Repository(Miniature):
    """The miniature under git, measured and committed."""

    def __init__(self, folder):
        super().__init__(folder)
        self.folder = folder
        self.edit("experiments/small_test.py", "SAMPLES = 10",
                  'SAMPLES = 10\nTINY = {"SAMPLES": 2}')
        self.edit("experiments/small_test.py", '    net = zoo.load("my-net")\n', "    net = 0\n")
        self.git("init", "-q")
        self.git("config", "user.email", "nobody@example.org")
        self.git("config", "user.name", "nobody")
        self.commit()
        self.evidence = record.bind(self.closure())

    def git(self, *arguments):
        subprocess.run(["git", "-C", str(self.folder), *arguments], check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a commit")

    def reseal(self, **options):
        return reseal(record.experiment, "small-test", self.evidence, self.folder,
                      now=Package(self.root), **options)


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def test_a_renamed_function_is_resealed(repository):
    repository.edit("tools.py", "def scaled", "def stretched")
    repository.edit("experiments/small_test.py", "tools.scaled", "tools.stretched")
    repository.commit()
    repository.edit("tools.py", "    return inner(x) * by", "    y = inner(x)\n    return y * by")
    before = dict(repository.evidence)
    renewed = repository.reseal()
    assert record.difference(renewed, repository.closure()) is None
    assert repository.evidence == before and renewed["since"] == before["since"]
    (entry,) = renewed["reseals"]
    assert entry["from"] == before["digest"] and entry["to"] == renewed["digest"]
    assert entry["units"] == {"scaled": "is gone", "stretched": "is new", "measure": "has changed"}
    assert entry["unseen"] == []
    assert len(entry["probe"]) == 64 and set(entry["versions"]) == {"torch", "numpy"}
    repository.evidence = renewed
    with pytest.raises(ValueError, match="is still true of today's code"):
        repository.reseal()


def test_a_constant_that_is_written_otherwise_is_resealed(repository):
    repository.edit("constants.py", "FACTOR = 3", "FACTOR = 1 + 2")
    assert repository.reseal()["reseals"][0]["units"] == {"FACTOR": "has changed"}


def test_what_is_no_longer_reached_and_was_not_run_is_told(repository):
    repository.edit("rooms/inside.py", "return deep(n)", "return deep(n) if n < 9 else far(n)\n\n\n"
                    "def far(n):\n    return n")
    repository.commit()
    repository.evidence = record.bind(repository.closure())
    repository.edit("rooms/inside.py", "deep(n) if n < 9 else far(n)", "deep(n)")
    (entry,) = repository.reseal()["reseals"]
    assert entry["units"] == {"outer": "has changed", "far": "is gone"}
    assert entry["unseen"] == ["far"]


def test_a_constant_of_the_tiny_form_may_have_a_new_name(repository):
    for old, new in (("SAMPLES = 10", "POINTS = 10"), ('{"SAMPLES": 2}', '{"POINTS": 2}'),
                     ("outer(SAMPLES)", "outer(POINTS)")):
        repository.edit("experiments/small_test.py", old, new)
    entry = repository.reseal()["reseals"][0]
    assert entry["units"] == {"POINTS": "is new", "SAMPLES": "is gone", "measure": "has changed"}


LATE = ("rooms/inside.py", "return deep(n)", "return deep(n) if n < 9 else far(n)\n\n\n"
        "def far(n):\n    if n < 0:\n        return 0\n    return n")


def renewed_after(repository, *edits):
    """Reseal after edits of a unit that the tiny form does not run."""
    repository.edit(*LATE)
    repository.commit()
    repository.evidence = record.bind(repository.closure())
    for edit in edits:
        repository.edit(*edit)
    return repository.reseal()["reseals"][0]


def test_a_refusal_in_what_was_not_run_is_read(repository):
    refusing = "    if n != n:\n        raise ValueError('n')\n    return n"
    entry = renewed_after(repository, ("rooms/inside.py", "    return n", refusing))
    assert entry["same"] == ["far"]


def test_a_new_name_of_what_was_not_run_is_read(repository):
    entry = renewed_after(repository, ("rooms/inside.py", "else far(n)", "else distant(n)"),
                          ("rooms/inside.py", "def far", "def distant"))
    assert entry["same"] == ["distant"]


def test_what_was_not_run_and_is_another_is_refused(repository):
    with pytest.raises(ValueError, match="does not run far"):
        renewed_after(repository, ("rooms/inside.py", "    return n", "    return n + 1"))


@pytest.mark.parametrize(("edit", "message"), [
    (("tools.py", "y * FACTOR", "y * FACTOR * (1 + 1e-15)"), "other numbers under today's code"),
    (("models.py", "return self.helper(x) * self.rate", "return self.helper(x)"
      " if x == 0 else 7"), None),
    (("rooms/inside.py", "n and outer(n - 1)", "n and late() and outer(n - 1)\n\n\n"
      "def late():\n    return 1"), None),
    (("rooms/inside.py", "return deep(n)", "return deep(n) if n < 9 else far(n)\n\n\n"
      "def far(n):\n    return n"), "does not run far, which changed"),
    (("experiments/small_test.py", '    net = 0\n', '    import time\n    net = time.time()\n'),
     "other numbers under today's code"),
])  # fmt: skip
def test_what_is_not_the_same_or_was_not_run_is_refused(edit, message, repository):
    repository.edit(*edit)
    if message is None:
        repository.reseal()
        return
    with pytest.raises(ValueError, match=message):
        repository.reseal()


def test_numbers_that_change_from_run_to_run_are_refused(tmp_path):
    repository = Repository(tmp_path)
    repository.edit("experiments/small_test.py", "    net = 0\n",
                    "    import time\n    net = time.time()\n")
    repository.commit()
    repository.evidence = record.bind(repository.closure())
    repository.edit("constants.py", "FACTOR = 3", "FACTOR = 1 + 2")
    with pytest.raises(ValueError, match="gives other numbers each time"):
        repository.reseal()


@pytest.mark.parametrize(("keys", "message"), [
    ('"1 cpu seconds": time.perf_counter(), "a":', None),
    ('"a cpu seconds": time.perf_counter() +', "small-test holds times alone"),
])  # fmt: skip
def test_times_are_no_numbers_that_must_agree(keys, message, tmp_path):
    repository = Repository(tmp_path)
    repository.edit("experiments/small_test.py", 'return {"a":',
                    f"import time\n    return {{{keys}")
    repository.commit()
    repository.evidence = record.bind(repository.closure())
    repository.edit("constants.py", "FACTOR = 3", "FACTOR = 1 + 2")
    if message is None:
        assert record.difference(repository.reseal(), repository.closure()) is None
        return
    with pytest.raises(ValueError, match=message):
        repository.reseal()


def test_code_that_git_does_not_know_is_refused(repository):
    repository.edit("constants.py", "FACTOR = 3", "FACTOR = 4")
    repository.evidence = {**repository.evidence, "digest": "of code that nobody committed"}
    with pytest.raises(ValueError, match="no commit of the last 200 has the code"):
        repository.reseal()
    subprocess.run(["rm", "-rf", str(repository.folder / ".git")], check=True)
    with pytest.raises(ValueError, match="git has no history"):
        repository.reseal()
