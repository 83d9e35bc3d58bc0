"""The scripts of the patches to click, without those that draw."""

import sys
from pathlib import Path

import pytest
from node import asker

sys.path.insert(0, str(Path(__file__).parents[1] / "explorer"))


@pytest.fixture(scope="session")
def node():
    """``node(body, given)`` knows the namespace of attention as ``A``."""
    return asker(["js/attention/shares"], "DiffusionAttention", "A")
