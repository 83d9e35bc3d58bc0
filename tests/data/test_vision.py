"""Both ways torchvision can arrive: with its compiled operators, and without."""

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.slow  # each test is a Python of its own

USE = """
import torch
from diffusionbook.data.vision import torchvision
from torchvision import datasets, transforms, utils
grid = utils.make_grid(torch.rand(16, 1, 28, 28), nrow=4, padding=2)
assert grid.shape == (3, 122, 122), grid.shape
assert datasets.MNIST and transforms.Normalize((0.5,), (0.5,))
import diffusionbook.data.vision as vision
print("declared" if hasattr(vision, "_library") else "plain")
"""

# What the mismatched wheel meets: its library of compiled operators does not load.
MISSING = """
import torch
def refuse(path):
    raise OSError("not the library of this build")
torch.ops.load_library = refuse
"""

# The other case: operators that are there. Where this machine has the mismatched wheel, too, they
# are declared before the shim is asked, which is as much of them as an import needs.
PRESENT = """
import sys, torch
try:
    import torchvision
except RuntimeError:
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""

OTHER = """
import sys, importlib.abc
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            raise RuntimeError("another failure")
sys.meta_path.insert(0, Refuse())
"""


def run(code):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120
    )


def test_it_works_when_the_operators_are_missing():
    result = run(MISSING + USE)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "declared"


def test_it_is_a_plain_import_when_the_operators_are_there():
    result = run(PRESENT + USE)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "plain"


def test_another_failure_of_torchvision_is_not_hidden():
    result = run(OTHER + USE)
    assert result.returncode == 1
    assert "RuntimeError: another failure" in result.stderr
