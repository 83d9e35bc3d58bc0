"""The scripts of the explorer, without those that draw."""

import sys
from pathlib import Path

import pytest
from node import asker

from bookext.site.live_parts import EXPLORER

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def node():
    """``node(body, given, data)`` knows the explorer's namespace as ``E``."""
    return asker(EXPLORER[: EXPLORER.index("js/explorer/run") + 1], "DiffusionExplorer", "E")
