"""Independent libraries, imported without letting their own warnings fail our tests."""

import warnings

import pytest


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "oracles" in item.path.parts:
            item.add_marker(pytest.mark.oracle)
            item.add_marker(pytest.mark.filterwarnings("ignore"))


def library(name: str):
    """The library, or a skip where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


@pytest.fixture(scope="session")
def diffusers():
    return library("diffusers")


@pytest.fixture(scope="session")
def ot():
    return library("ot")


@pytest.fixture(scope="session")
def pairwise():
    return library("sklearn.metrics.pairwise")


@pytest.fixture(scope="session")
def stats():
    return library("scipy.stats")


@pytest.fixture(scope="session")
def moocore():
    return library("moocore")
