"""No function computes with a number that cannot be meant.

The list of numbers that the public functions ask for is read from their signatures, so a new
argument is walked without being named here. NaN and the infinities are refused for every number,
a fraction and what is below 1 for every whole number, times outside [0, 1] for every time, unless
a line below says what such a value means there.
"""

import math
import re
from fnmatch import fnmatchcase

import pytest
from matplotlib import pyplot
from numbers_asked import Argument, asked, found, spoilt
from numbers_given import CALLS, good, one

MODULES_LEFT_OUT = {
    "evidence cli commands argument_types __main__ checks provenance preflight catalogue":
        "the command line and the book's own checks: their numbers have types and tests there",
    "accelerated checkpoint trainer files whole_files listing progress watching results receipts "
    "terminal writable counted data.mnist_files onnx_export arguments":
        "their numbers come from the program, or go on to a function that is walked",
    "experiments":
        "their numbers are constants of their modules",
    "recipes":
        "what they hold goes on to networks, batches, averages and fit, which are walked",
}  # fmt: skip
LEFT_OUT = [name for names in MODULES_LEFT_OUT for name in names.split()]

# "function.argument" → why a tensor with NaN passes: nothing is computed that hides it
PASSES_ON = {
    "*.x_t": "the state of a sampler, on each step of its way",
    "*.x0": "data on their way through a loss, and the loss is NaN",
    "*.eps": "data on their way through a loss, and the loss is NaN",
    "*.forward.*": "a network's answer is NaN where its input is",
    "*.features.[xt]": "a network's answer is NaN where its input is",
    "nets.unet.UNet.tell.t": "a network's answer is NaN where its input is",
    "nets.blocks.attend.?": "a network's answer is NaN where its input is",
    "nets.classifier.cross_entropy.logits": "the loss is NaN, and training says so",
    "guidance.classifier.*.x_t": "the state of a sampler",
    "paths.*.at.x": "it gives the shape and dtype alone",
    "shapes.randn_like.x": "it gives the shape and dtype alone",
    "shapes.expand.*": "it gives a shape and changes no number",
    "gaussians.GaussianMixture.log_prob.x": "the density is NaN where the point is",
    "gaussians.GaussianMixture.score.x": "the score is NaN where the point is",
    "gaussians.GaussianMixture.labels": "integers, which are never NaN",
    "samplers.*.noise": "the state of a sampler",
    "straightness.*.noise": "the state of a sampler",
    "reflow.reflow_pairs.noise": "the state of a sampler",
    "prediction.*.y": "a model's answer, on each step of a sampler",
    "prediction.Prediction.t": "it is read when a row is asked for",
    "likelihood.Elbo.*": "it holds what was computed",
    "likelihood.step_kl.guess": "a model's answer",
    "train.Record.*": "it holds what was computed",
    "train.batches.tensors": "any data; a loss that is NaN stops the training",
    "data.mnist.Digits.images": "it holds what was read from a verified file",
    "data.mnist.to_unit.x": "clamping leaves NaN as it is",
    "digits.as_seen.images": "clamping leaves NaN as it is",
    "digits.look.images": "features are NaN where an image is, and the metrics refuse them",
    "digits.Judge.score.images": "features are NaN where an image is, and the metrics refuse them",
    "sheet.sheet.images": "samples, which are refused where they are drawn",
    "plots.curves.Curve.*": "a curve may have gaps; matplotlib leaves them out",
    "plots.guidance.Law.*": "a curve may have gaps; matplotlib leaves them out",
    "plots.tables.loss_weights.log_snr": "a curve may have gaps",
    "plots.points.*.[xb]*": "matplotlib leaves out points that are NaN",
    "plots.points.paths.states": "matplotlib leaves out points that are NaN",
    "paths.DiscretePath.d_*": "a chain has no derivative, whatever the time is",
    "paths.DiscretePath.t_from*": "a chain has no inverse, whatever the number is",
}
# "function.argument" → the values that mean something there, though they seldom do elsewhere
MEANT = {
    "*.seed": (0,),
    "randomness.step_seed.step": (0,),
    "*.t_from_half_log_snr.half_log_snr": (math.inf, -math.inf),  # the ends of a path
    "paths.DiscretePath.log_alpha_bar": (-math.inf,),  # a chain that ends in pure noise
    "copies.moved.*": (0, -1),
    "*.reach": (0,),
    "*.start": (0, -1),
    "report.*.power": (0, -1),
    "plots.orders.falling.slopes": (0, -1),
    "digits.all_labels.n": (0,),
    "drawing.parts.n": (0,),
    "losses.uniform_time.n": (0,),
    "*.label": (0,),
    "*.shape": (0,),  # an empty batch
    "nets.unet.UNet.classes": (0,),  # a net that is told no label
}
# "function.argument" → what the message calls it, where that is another word
CALLED = {
    "gaussian_chain.chain_at.times": "(times|t)",
    "gaussians.GaussianMixture.normal.mean": "means",
    "gaussians.GaussianMixture.normal.cov": "covs",
    "guided_gaussians.guided_ode_std_at.start": "t",
    "samplers.*.s": "t",
}
NOT_YET = {
    "flow_likelihood.*",
    "drawing.draw.*",
}
# They need weights or data once their numbers are accepted.
DEAR = ("digit_page.*", "explorer.page.*", "digits.Judge.*", "player.frames_of",
        "report.few_colours", "train.fit", "live.explore")

@pytest.fixture(autouse=True)
def figures_closed():
    yield
    pyplot.close("all")


ASKED = list(asked(LEFT_OUT))


def _listed(argument: Argument, patterns) -> list[str]:
    """The patterns that the argument fits."""
    return [p for p in patterns if fnmatchcase(f"{argument.of}.{argument.name}", p)]


WALKED = [a for a in ASKED if not _listed(a, PASSES_ON) and not _listed(a, NOT_YET)]


@pytest.mark.parametrize("argument", WALKED, ids=lambda a: f"{a.of}.{a.name}")
def test_a_number_that_cannot_be_meant_is_refused(argument, without_shape_checks):
    function = found(argument.of)
    called = (CALLED[p] for p in _listed(argument, CALLED))
    name = next(called, argument.name)
    meant = [value for p in _listed(argument, MEANT) for value in MEANT[p]]
    bad = [(value, text) for value, text in spoilt(argument, one(argument.of, argument.name))
           if text not in map(str, meant)]
    assert bad, "there is no value that it refuses"
    for value, text in bad:
        given = {**good(argument.of, function), argument.name: value}
        with pytest.raises(ValueError) as error:
            CALLS.get(argument.of, function)(**given)
        assert re.search(rf"\b{name}\b", str(error.value)), (value, error.value)
        assert text in str(error.value), (value, error.value)


@pytest.mark.parametrize("of", sorted({a.of for a in WALKED}))
def test_the_numbers_that_a_bad_one_replaces_are_good(of, without_shape_checks):
    if not any(fnmatchcase(of, pattern) for pattern in DEAR):
        function = found(of)
        CALLS.get(of, function)(**good(of, function))


@pytest.mark.parametrize("patterns", [PASSES_ON, MEANT, CALLED, NOT_YET], ids=range(4))
def test_no_exception_outlives_its_argument(patterns):
    for pattern in patterns:
        assert any(_listed(a, [pattern]) for a in ASKED), pattern
