"""The laboratory without its pictures, run by node."""

import sys
from pathlib import Path

import pytest
from node import asker

sys.path.insert(0, str(Path(__file__).parent))

from laboratory_scripts import SCRIPTS


@pytest.fixture(scope="session")
def node():
    """``node(body, given, data)`` knows the laboratory's namespace as ``L``."""
    return asker(SCRIPTS, "DiffusionLaboratory", "L")
