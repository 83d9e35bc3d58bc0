"""Optimal transport: the cheapest plan between two clouds, its entropic kin, and pairs to train on.

The cost is the squared distance throughout, summed over dimensions and without a factor of a half.
"""

from diffusionbook.transport.optimal.bridge import Bridge, bridge_points, bridge_variance
from diffusionbook.transport.optimal.couplings import (
    cheapest,
    effective_partners,
    entropic,
    in_groups,
    independent,
    partners,
    within_labels,
)
from diffusionbook.transport.optimal.entropic_gaussians import (
    entropic_cross,
    entropic_value,
    fitted_variance,
)
from diffusionbook.transport.optimal.gaussians import barycentre, bures_cost, bures_map
from diffusionbook.transport.optimal.lines import carried, line_energy, line_velocity
from diffusionbook.transport.optimal.log_domain import Entropic, sinkhorn, sinkhorn_divergence
from diffusionbook.transport.optimal.minibatches import minibatch_correlation, minibatch_cost
from diffusionbook.transport.optimal.plans import (
    Transport,
    assignment,
    kantorovich,
    sorted_match,
    squared_distances,
)

__all__ = [
    "Bridge", "Entropic", "Transport", "assignment", "barycentre", "bridge_points",
    "bridge_variance", "bures_cost", "bures_map", "carried", "cheapest", "effective_partners",
    "entropic", "entropic_cross", "entropic_value", "fitted_variance", "in_groups", "independent",
    "kantorovich", "line_energy", "line_velocity", "minibatch_correlation", "minibatch_cost",
    "partners", "sinkhorn", "sinkhorn_divergence", "sorted_match", "squared_distances",
    "within_labels",
]  # fmt: skip
