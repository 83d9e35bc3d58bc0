"""The search of the site, without the page that shows it."""

import pytest
from node import asker


@pytest.fixture(scope="session")
def ask():
    """``ask(body, given)`` knows the search as ``S``."""
    return asker(["js/search/find"], "bookSearch", "S")
