"""Figures are drawn without a screen, and none outlives its test."""

import pytest
from matplotlib import pyplot

pyplot.switch_backend("agg")


@pytest.fixture(autouse=True)
def close():
    yield
    pyplot.close("all")
