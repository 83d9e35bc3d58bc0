"""The scripts of the triangle of preferences, without those that draw."""

import sys
from pathlib import Path

import pytest
from node import asker

from bookext.site.live_parts import PREFERENCE

sys.path.insert(0, str(Path(__file__).parents[1] / "explorer"))


@pytest.fixture(scope="session")
def node():
    """``node(body, given)`` knows the namespace of preferences as ``P``."""
    scripts = PREFERENCE[: PREFERENCE.index("js/preference/triangle") + 1]
    return asker(scripts, "DiffusionPreference", "P")
