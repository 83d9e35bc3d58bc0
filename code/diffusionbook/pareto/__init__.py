"""Several objectives at once: what is best, which way to go, and steering by preferences.

Costs are minimised: ``costs`` are (n, m), a row for each candidate, less is better in each column.
Rewards are what guidance climbs. :class:`Objective` says which of the two a function is, and in
which unit it is held against the others. Dominance does not depend on units; weights, hypervolume,
MGDA and IGD do.
"""

from diffusionbook.pareto.cagrad import ConflictAverse, cagrad
from diffusionbook.pareto.constrained import Kept, kept_above, least_within
from diffusionbook.pareto.dominance import dominates, non_dominated, ranks
from diffusionbook.pareto.gradients import stacked, whole_gradients
from diffusionbook.pareto.hypervolume import hypervolume, igd
from diffusionbook.pareto.laws import (
    LawsFront,
    departure,
    front_of_laws,
    mean_reward,
    tilted_by,
)
from diffusionbook.pareto.min_norm import MinNorm, min_norm
from diffusionbook.pareto.nsga import nsga2, room
from diffusionbook.pareto.pcgrad import pcgrad
from diffusionbook.pareto.preferences import check_preferences, even_preferences
from diffusionbook.pareto.sampled import (
    overshoot_of,
    preference_with_mean,
    sampled_preference,
)
from diffusionbook.pareto.scalarise import Tchebycheff, weighted_sum
from diffusionbook.pareto.steering import (
    Averse,
    Balancing,
    Objective,
    Projecting,
    costs_of,
    steer_by_rule,
    steer_by_sum,
)
from diffusionbook.pareto.textbook import fonseca, fonseca_gap, squares, squares_hypervolume

__all__ = [
    "Averse", "Balancing", "ConflictAverse", "Kept", "LawsFront", "MinNorm", "Objective",
    "Projecting", "Tchebycheff", "cagrad", "check_preferences", "costs_of", "departure",
    "dominates", "even_preferences", "fonseca", "fonseca_gap", "front_of_laws", "hypervolume",
    "igd", "kept_above", "least_within", "mean_reward", "min_norm", "non_dominated", "nsga2",
    "overshoot_of", "pcgrad", "preference_with_mean", "ranks", "room", "sampled_preference",
    "squares", "squares_hypervolume", "stacked", "steer_by_rule", "steer_by_sum", "tilted_by",
    "weighted_sum", "whole_gradients",
]  # fmt: skip
