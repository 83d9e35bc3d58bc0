"""The first cell of an exported notebook, without a network: what it installs, when it stops."""

import sys
from importlib import metadata

import numpy as np
import pytest
import torch
from IPython.core.inputtransformer2 import TransformerManager

from bookext.notebooks.export import SETUP
from diffusionbook.data import vision
from diffusionbook.machine import restart

CELL = TransformerManager().transform_cell(SETUP.format(requirement="diffusionbook @ git+https://example.org/book"))


@pytest.fixture
def disk(monkeypatch) -> dict[str, str]:
    """Versions on the disk that differ from those installed."""
    changed, real = {}, metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: changed.get(name) or real(name))
    return changed


class Kernel:
    """Runs the cell; its pip puts the package, and what else is told, where import finds it."""

    def __init__(self, monkeypatch, disk: dict[str, str], has: bool, **replaces: str) -> None:
        self.disk, self.replaces, self.asked = disk, replaces, []
        if not has:
            monkeypatch.setitem(sys.modules, "diffusionbook", None)  # importing it fails

    def run_line_magic(self, name: str, line: str) -> None:
        assert name == "pip"
        self.asked.append(line)
        sys.modules["diffusionbook"] = PACKAGE
        self.disk |= self.replaces

    def run(self) -> None:
        exec(CELL, {"get_ipython": lambda: self})


PACKAGE = sys.modules["diffusionbook"]


def test_where_the_package_is_nothing_is_installed(monkeypatch, disk) -> None:
    kernel = Kernel(monkeypatch, disk, has=True)
    kernel.run()
    assert kernel.asked == []


def test_what_is_new_enough_is_kept_and_nothing_stops(monkeypatch, disk) -> None:
    kernel = Kernel(monkeypatch, disk, has=False)
    kernel.run()
    assert kernel.asked == ['install -q "diffusionbook @ git+https://example.org/book"']
    assert "-U" not in kernel.asked[0] and "upgrade" not in kernel.asked[0]


def test_a_library_replaced_in_use_stops_the_notebook_until_a_restart(monkeypatch, disk) -> None:
    kernel = Kernel(monkeypatch, disk, has=False, numpy="99.0")
    for _ in range(2):  # running the cell again is no way around it
        with pytest.raises(restart.RestartNeeded, match=f"numpy {np.__version__}.*Restart"):
            kernel.run()
    assert len(kernel.asked) == 1
    monkeypatch.setattr(np, "__version__", "99.0")  # what a restart does
    kernel.run()


def test_a_library_that_is_not_in_use_needs_no_restart(monkeypatch, disk) -> None:
    monkeypatch.delitem(sys.modules, "ipywidgets", raising=False)
    disk["ipywidgets"] = "99.0"
    restart.check()


def test_the_name_of_a_build_is_no_difference(monkeypatch, disk) -> None:
    monkeypatch.setattr(torch, "__version__", "2.99.0+cu130")
    disk["torch"] = "2.99.0"
    restart.check()
    disk["torch"] = "2.99.1+cu130"
    with pytest.raises(restart.RestartNeeded, match="torch"):
        restart.check()


def test_what_is_installed_here_agrees_with_itself() -> None:
    """Each library names in memory the version it has on the disk; else a reader is stopped."""
    import ipywidgets  # noqa: F401
    import jaxtyping  # noqa: F401
    import matplotlib  # noqa: F401
    import PIL  # noqa: F401
    import safetensors  # noqa: F401
    import scipy  # noqa: F401
    import sklearn  # noqa: F401
    import tqdm  # noqa: F401

    assert vision.__name__ in sys.modules  # torchvision, loaded as the package loads it
    assert list(restart.replaced()) == []


def test_libraries_of_the_extras_are_not_asked_for() -> None:
    needed = restart.requirements()
    assert {"torch", "numpy", "scikit-learn", "pillow"} <= set(needed)
    assert not {"pytest", "jupyter-book", "jupyterlab"} & set(needed)
