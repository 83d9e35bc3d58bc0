"""The scripts of the cover, without the one that draws."""

import pytest
from node import asker

from bookext.site.landing import SCRIPTS


@pytest.fixture(scope="session")
def node():
    """``node(body, given)`` knows the shared namespace as ``S``."""
    first = SCRIPTS[: SCRIPTS.index("js/cover/cover")]
    return asker([name for name in first if name != "header/law"], "DiffusionShared", "S")
