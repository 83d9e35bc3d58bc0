"""Chromium with the network cut off, and the built book on localhost."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import serve
import visit


@pytest.fixture(scope="session")
def browser() -> Iterator:
    with visit.chromium() as started:
        yield started


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Address of the built book, served below a folder as GitHub Pages does."""
    if not serve.pages(serve.BUILT):
        pytest.fail("there is no built book: run `make book` first")
    with serve.serve(serve.BUILT, "learning-diffusion-models") as address:
        yield address
