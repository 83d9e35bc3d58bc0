"""The laboratory without its pictures, run by node."""

import sys
from pathlib import Path

import pytest
import visit
from node import asker

sys.path.insert(0, str(Path(__file__).parent))

import laboratory_standalone
from laboratory_page import READY
from laboratory_scripts import SCRIPTS


@pytest.fixture(scope="session")
def node():
    """``node(body, given, data)`` knows the laboratory's namespace as ``L``."""
    return asker(SCRIPTS, "DiffusionLaboratory", "L")


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("laboratory")
    html = laboratory_standalone.mount("hash", preset="trio", steps=8)
    return laboratory_standalone.write(folder, html).as_uri()


@pytest.fixture
def seen(browser, address):
    with visit.visit(browser, address) as found:
        found.page.wait_for_selector(READY)
        yield found
        assert found.errors == [] and found.outside() == []
