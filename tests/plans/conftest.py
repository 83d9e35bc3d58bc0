"""The scripts of the three plans, without those that draw."""

import sys
from pathlib import Path

import pytest
from node import asker

from bookext.site.live_parts import TRANSPORT

sys.path.insert(0, str(Path(__file__).parents[1] / "explorer"))


@pytest.fixture(scope="session")
def node():
    """``node(body, given)`` knows the namespace of the plans as ``T``."""
    scripts = TRANSPORT[: TRANSPORT.index("js/transport/sinkhorn") + 1]
    return asker(scripts, "DiffusionTransport", "T")
