"""The scripts of the laboratory that draw nothing: what its worker runs."""

import sys
from pathlib import Path

import pytest
from node import asker

sys.path.insert(0, str(Path(__file__).parent))

SCRIPTS = ["js/shared/parts", "js/shared/random", "js/shared/solvers", "js/shared/pause",
           *(f"js/explorer/{name}" for name in ("paths", "mixture", "samplers")),
           *(f"js/laboratory/{name}" for name in (
               "refusals", "law", "fields", "distance", "presets", "density", "likelihood", "lines",
               "errors", "flights", "room", "answers", "desk"))]


@pytest.fixture(scope="session")
def node():
    """``node(body, given, data)`` knows the laboratory's namespace as ``L``."""
    return asker(SCRIPTS, "DiffusionLaboratory", "L")
