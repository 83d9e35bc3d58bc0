"""The checks that all functions share: what they let pass, and what they say of the rest."""

import math
import re

import numpy as np
import pytest
import torch

from diffusionbook.arguments import all_finite, finite, inside, positive, whole


@pytest.mark.parametrize("value", [3, True, np.int64(3), torch.tensor(3)])
def test_whole_numbers_of_every_library_pass(value, without_shape_checks):
    whole("n", value, least=1)


@pytest.mark.parametrize("value", [3.5, np.float64(3.5), torch.tensor(3.5)])
def test_numbers_of_every_library_pass(value, without_shape_checks):
    finite("x", value)
    positive("x", value)
    inside("x", value, 3, 4)


def test_ends_are_inside_and_the_smallest_number_is_positive():
    inside("x", 0, 0, 1)
    inside("x", 1, 0, 1)
    positive("x", math.ulp(0.0))
    whole("n", -5)
    whole("n", 1, least=1)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: finite("a", 1.0, math.nan), "a must be finite; it is nan"),
        (lambda: finite("a", -math.inf, 1.0), "a must be finite; it is -inf"),
        (lambda: positive("a", 0.0), "a must be positive; it is 0.0"),
        (lambda: positive("a", math.nan), "a must be positive; it is nan"),
        (lambda: positive("a", math.inf), "a must be finite; it is inf"),
        (lambda: inside("a", math.nan, 0, 1), "a must lie in [0, 1]; it is nan"),
        (lambda: inside("a", 1.5, 0, 1), "a must lie in [0, 1]; it is 1.5"),
        (lambda: inside("a", -0.5, 0, 1), "a must lie in [0, 1]; it is -0.5"),
        (lambda: whole("a", 1, 3.0), "a must be a whole number; it is 3.0"),
        (lambda: whole("a", 2, 1, least=2), "a must be at least 2; it is 1"),
        (lambda: all_finite("a", torch.tensor([1, math.nan])), "a must be finite; it holds nan"),
        (lambda: all_finite("a", torch.tensor([-math.inf, 1])), "a must be finite; it holds -inf"),
        (lambda: all_finite("a", torch.tensor([1, math.inf])), "a must be finite; it holds inf"),
    ],
)  # fmt: skip
def test_the_message_names_the_argument_and_the_value(check, message, without_shape_checks):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check()


def test_tensors_of_good_numbers_pass_with_gradients_and_without_entries():
    all_finite("a", torch.ones(3, requires_grad=True))
    all_finite("a", torch.ones(2, 2).long())
    all_finite("a", torch.ones(0, 2))
