"""Checks of the exercises of “TITLE”. Each raises an AssertionError that says what is off."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.checks.verdict import same
