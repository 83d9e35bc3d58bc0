import pytest
from small_package import Miniature


@pytest.fixture
def miniature(tmp_path) -> Miniature:
    """A package whose result was measured with the sources as they are."""
    return Miniature(tmp_path)
