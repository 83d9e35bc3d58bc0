"""The scripts that draw a digit, without those of the page."""

import pytest
from node import asker

from bookext.site.live_parts import DIGIT


@pytest.fixture(scope="session")
def node():
    """``node(body, given)`` knows the page's namespace as ``D``."""
    return asker(DIGIT[: DIGIT.index("js/digit/sampler") + 1], "DigitInPage", "D")
