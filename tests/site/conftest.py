"""The built book on localhost."""

from collections.abc import Iterator

import pytest
import serve


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Address of the built book, served below a folder as GitHub Pages does."""
    if not serve.pages(serve.BUILT):
        pytest.fail("there is no built book: run `make book` first")
    with serve.serve(serve.BUILT, "learning-diffusion-models") as address:
        yield address
