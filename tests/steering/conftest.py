"""The scripts of the explorer of steering, without those that draw."""

import sys
from pathlib import Path

import pytest
from node import asker

from bookext.site.live_parts import STEERING

sys.path.insert(0, str(Path(__file__).parents[1] / "explorer"))


@pytest.fixture(scope="session")
def node():
    """``node(body, given)`` knows the namespace of steering as ``S``."""
    scripts = STEERING[: STEERING.index("js/steering/run") + 1]
    return asker(scripts, "DiffusionSteering", "S")
