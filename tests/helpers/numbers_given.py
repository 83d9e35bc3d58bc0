"""Good arguments for every function that asks for a number: by the name of the argument, and for
single functions where the name means something else there."""

import inspect
from collections.abc import Callable

import torch
from matplotlib import use
from matplotlib.figure import Figure
from torch import Tensor, nn

from diffusionbook.data.canvases import Canvases
from diffusionbook.data.mnist import Digits
from diffusionbook.data.toy import toy
from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.denoisers.wrapped import Counted, Remembered, Repathed
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.experiments.common.clouds import Metered
from diffusionbook.guidance.operators import Mask, Matrix
from diffusionbook.guidance.origin import MeasuredFrom
from diffusionbook.guidance.rewards import LinearReward, QuadraticReward
from diffusionbook.guidance.rules import Projected, Rescaled, extrapolate
from diffusionbook.guidance.steering import steer
from diffusionbook.nets.dit import DiT
from diffusionbook.nets.numbers import NumberUNet
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.nets.transformer import Block, Modulation, SelfAttention
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.page.picture import pixels
from diffusionbook.page.transport import Shape
from diffusionbook.pareto.scalarise import Tchebycheff, weighted_sum
from diffusionbook.pareto.steering import Averse, Balancing, Objective, Projecting
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.plots.curves import Curve
from diffusionbook.plots.style import canvas
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded, torch_seeded
from diffusionbook.recipes.spiral_mlp import RECIPE
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import trajectory
from diffusionbook.samplers.ode import Euler
from diffusionbook.samplers.twists import RewardTwist
from diffusionbook.training.loop import batches
from diffusionbook.transport.optimal import Bridge
from diffusionbook.zoo.canvas_judge import CanvasJudge
from diffusionbook.zoo.judge import Judge

use("agg")
f64 = torch.float64
POINTS = randn((6, 2), seeded(0))
IMAGES = randn((6, 1, 4, 4), seeded(0)).clamp(-1, 1)
LABELS = torch.arange(10).repeat(3)
GRID = torch.tensor([0.9, 0.5, 0.1], dtype=f64)
LAW = GaussianMixture(torch.ones(2), torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.ones(2))
LINE = GaussianMixture(torch.ones(1), torch.zeros(1, 1), torch.ones(1))
MODEL = AnalyticDenoiser(LAW, VP())
ROUND = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(2), 1.0), VP())
LOOKING = NetDenoiser(DiT(14, 8, 1, 1), Cosine(), "v")
CHAIN = Chain.from_path(VP(), 6)
ANSWER = Prediction(POINTS, "x0", POINTS, 0.5, VP())
CURVES = [Curve("a", (1.0, 2.0), (1.0, 2.0))]
HALVES = torch.tensor([0.5, 0.5], dtype=f64)
LIKED = LinearReward(torch.ones(2))
STEERED = {
    "objectives": [Objective("a", LIKED), Objective("b", LIKED)], "preferences": HALVES,
    "scalarisation": weighted_sum, "rule": Balancing(),
}
ROUND_PLANE = GaussianMixture.normal(torch.zeros(2, dtype=f64), 1.0)
CORNERED = [QuadraticReward(torch.tensor(c, dtype=f64), 1.0)
            for c in ([0.0, 1.0], [-1.0, 0.0], [1.0, -1.0])]
SEVERAL = {"prior": LAW, "rewards": [LIKED, LIKED], "preferences": HALVES}


def nothing(**_: object) -> None:
    """A function that somebody hands in."""


def shade(across: Tensor, down: Tensor) -> Tensor:
    """Images that say where they stand."""
    return (across + down - 1)[:, None, None, None].expand(-1, 1, 4, 4)


def judge() -> Judge:
    """One that has looked at a few points."""
    made = object.__new__(Judge)
    made.test = Digits(torch.zeros(6, 1, 28, 28), torch.arange(6), "test")
    made.features, made._floors = POINTS, {}
    return made


def canvas_judge() -> CanvasJudge:
    """One that has looked at a few points."""
    made = object.__new__(CanvasJudge)
    made.test = Canvases(torch.zeros(6, 1, 64, 64), torch.arange(6), "test")
    made.features, made._floors = POINTS, {}
    return made


def autoencoder() -> ConvVAE:
    """One whose latents have units."""
    net = ConvVAE((8, 16), size=16)
    net.scale.mean.fill_(0.1)
    net.scale.std.fill_(2.0)
    return net


CANVASES = randn((2, 1, 16, 16), seeded(0), torch.float32)
LATENTS = randn((2, 4, 2, 2), seeded(0), torch.float32)
TOKENS = randn((2, 6, 8), seeded(0), torch.float32)
POSTERIOR = DiagonalGaussian(LATENTS, LATENTS)
DIGITS = Digits(torch.eye(28).expand(10, 1, 28, 28), torch.arange(10), "digits")
TICKS = {"log": "x", "ticks": {"x": (0.5,)}}
PNG = pixels(Figure((0.1, 0.1)), dpi=20, tight=False)
BY_NAME: dict[str, object] = {
    "alt": "a film", "alpha": 0.5, "arrows": [[POINTS[:4]]], "ax": None, "behind": POINTS,
    "betas": torch.tensor([0.1, 0.2], dtype=f64), "blocks": (1, 1), "centre": torch.zeros(2),
    "channels": (8, 8), "choices": {"uniform": GRID}, "classifier": None, "clouds": [POINTS],
    "column_titles": ["a"], "components": 8, "control": "steps", "cov": 1.0, "cov_x": torch.eye(2),
    "cov_y": torch.eye(2), "covs": torch.ones(2, dtype=f64), "curves": CURVES, "data": POINTS,
    "decay": 0.9, "denoiser": MODEL, "depth": 1, "device": "cpu", "dim": 2, "dims": 2,
    "directions": 4, "dots": CURVES, "down": 1, "draw": nothing, "each": 2, "end": None,
    "errors": {"a": {1: 1.0, 2: 0.5}}, "extent": 1.0, "features": POINTS, "figures": [],
    "frames": [PNG, PNG], "generator": seeded(0), "grid": GRID, "half": 1.0,
    "half_log_snr": torch.zeros(2, dtype=f64), "held_out": POINTS, "high": 0.8, "images": IMAGES,
    "label": 3, "labels": LABELS, "least": 1, "lines": CURVES, "limits": (0.0, 1.0),
    "log_alpha_bar": torch.tensor([0.0, -1.0], dtype=f64), "log_prob": torch.ones(2), "low": 0.2,
    "logits": torch.eye(6, 10), "mean": torch.zeros(2), "mean_x": torch.zeros(2),
    "mean_y": torch.zeros(2), "meaning": "data", "meanings": ["data"],
    "means": torch.zeros(2, 2), "methods": ("flow",), "model": MODEL, "modes": 3, "n": 4,
    "name": "a", "names": ["a"], "noise": POINTS, "noise_std": 0.5, "operator": torch.eye(2),
    "origin": -1.0, "ours": torch.ones(3), "out": 8, "panels": [("a", CURVES, "")],
    "param": "x0", "path": VP(), "phi": 0.7, "point_features": 4, "power": -1, "reach": 1,
    "real": POINTS, "fake": POINTS, "right": 1, "rows": 1, "row_titles": ["a"], "rule": extrapolate,
    "s_c": 1.0, "s_u": 2.0, "sampler": "ddim", "samples": POINTS, "scale": 2.0, "seed": 1,
    "separation": 2.0, "sets": ("moons",), "shape": (2,), "side": 2, "sigma": 0.5, "size": 4,
    "slopes": (1, 2), "std": 0.5, "stds": (1.0, 0.5), "step": 0, "stepper": Euler(), "steps": 6,
    "strong": ANSWER, "theirs": torch.ones(3), "time_features": 4, "titles": ["a"],
    "conditioning": 8,
    "train": POINTS, "variance": "beta", "w": 2.0, "weak": ANSWER, "weights": torch.ones(2),
    "width": 8, "x": POINTS, "x0": POINTS, "x_k": 0.5, "x_t": POINTS, "y": POINTS, "t": 0.5,
    "bandwidth": 1.0, "guess": POINTS, "k": 2, "peak": 1e-3, "values": (1.0, 2.0), "value": 0.01,
    "times": torch.tensor([0.0, 0.5, 1.0], dtype=f64), "preset": ("heun", 10), "source": VE(),
    "target": Linear(), "loss": nothing, "png": b"", "header": ["a"], "weight": None,
    "log_snr": (1.0, 0.0), "states": torch.zeros(3, 4, 2), "eps": POINTS,
    "s": torch.tensor(0.25, dtype=f64),
    "beta": 1.0, "between": 0.3, "digits": DIGITS, "distortion": 1.5, "latents": 2, "level": 0.5,
    "log_variance": LATENTS, "numbers": (47, 3), "pixels": 4, "posterior": POSTERIOR,
    "posteriors": [POSTERIOR], "ratio": 2.0, "split": "train",
    "variances": torch.tensor([2.0, 1.0], dtype=f64), "z": LATENTS,
    "across": torch.tensor([0.0, 1.0]), "gap": 1,
    "noises": POINTS, "views": {"a": shade},
    "a": torch.eye(2), "data_std": 1.0, "direction": torch.ones(2), "factor": 2,
    "iterations": 10, "kernel": torch.ones(3, 3), "net": nothing, "observed": torch.zeros(2),
    "reward": LinearReward(torch.ones(2)), "tolerance": 1e-6,
    "mixture": LAW, "tilted": LAW, "lr": 0.1, "patch": 2, "heads": 2, "vectors": 2, "columns": 2,
    "cov_yx": torch.eye(2), "data_dims": 1, "rank": 1, "tokens": TOKENS,
    "shift": torch.zeros(2, 1, 8), "height": 4,
    "cost": 1 - torch.eye(6), "plan": torch.eye(6) / 6, "most": 50, "b": torch.eye(2),
    "covariances": torch.eye(2)[None], "coupling": nothing,
    "costs": POINTS, "gradients": torch.eye(2, dtype=f64), "preferences": HALVES, "m": 2,
    "parts": 2, "worst": 1.0, "nats": 0.1, "generations": 1, "kappa": 1.0, "ideal": torch.zeros(2),
}  # fmt: skip

GRADIENTS = torch.eye(2, dtype=f64)[None]
LOSS = torch.ones(2, requires_grad=True)
LOSS_LABELS = {"y": None}
SEEN = {"operator": Matrix(torch.eye(2))}
PICTURE = {"shape": (2, 4, 4)}
WEIGHTS = {"weights": torch.tensor([[0.25, 0.75]])}
BRIDGE = Bridge(POINTS, torch.zeros(6), torch.full((6,), 1 / 6), 1.0)
SIXTHS = torch.full((6,), 1 / 6)
MASSES = {"a": SIXTHS, "b": SIXTHS}
EPSILON = {"epsilon": 1.0}
COVARIANCES = {"a": torch.eye(2), "b": torch.eye(2)}
FOR: dict[str, dict[str, object]] = {
    "pareto.cagrad.cagrad": {"c": 0.5, "around": torch.ones(2, dtype=f64)},
    "pareto.constrained.least_within": {"bounds": torch.full((1,), 9.0, dtype=f64)},
    "pareto.constrained.kept_above": {
        "prior": LAW, "rewards": SEVERAL["rewards"], "bounds": torch.full((1,), -1.0, dtype=f64)},
    "pareto.dominance.check_costs": {"name": "costs"},
    "pareto.dominance.dominates": {"one": POINTS, "other": POINTS},
    "pareto.gradients.whole_gradients": {"losses": [LOSS.sum()], "parameters": [LOSS]},
    "pareto.hypervolume.hypervolume": {"reference": torch.ones(2, dtype=f64)},
    "pareto.hypervolume.igd": {"front": POINTS},
    "pareto.laws.tilted_by": SEVERAL,
    "pareto.laws.departure": SEVERAL,
    "pareto.laws.front_of_laws": SEVERAL,
    "pareto.nsga.nsga2": {"costs": lambda x: x, "start": POINTS},
    "pareto.preferences.check_preferences": {"m": 2},
    "pareto.sampled.preference_with_mean": {
        "prior": ROUND_PLANE, "rewards": CORNERED, "mean": torch.zeros(2, dtype=f64)},
    "pareto.sampled.overshoot_of": {"sampler": "sde"},
    "pareto.sampled.sampled_preference": {
        "sampler": "sde", "preference": 0.5, "centres": (0.0, 1.0)},
    "pareto.steering.Objective": {"of": LIKED},
    "pareto.steering.steer_by_sum": STEERED,
    "pareto.steering.steer_by_rule": STEERED,
    "pareto.steering.Averse.__call__": {"gradients": GRADIENTS, "preferences": HALVES},
    "pareto.steering.Projecting.__call__": {"gradients": GRADIENTS, "preferences": HALVES},
    "pareto.steering.Balancing.__call__": {"gradients": GRADIENTS, "preferences": HALVES[None]},
    "pareto.textbook.squares": {"x": GRID},
    "pareto.textbook.fonseca": {"x": GRID},
    "metrics.copies.moved": {"images": IMAGES},
    "metrics.copies.two_nearest_moved": {"samples": IMAGES, "train": IMAGES},
    "metrics.copies.copied": {"samples": IMAGES, "train": IMAGES},
    "zoo.judge.Judge.score_real": {"n": 20},
    "nets.number_classifiers.ResidualNumberClassifier": {"features": 4},
    "nets.number_classifiers.PlainNumberClassifier": {"features": 4},
    "zoo.canvas_judge.CanvasJudge": {"name": "canvas-features"},
    "data.canvases.compose": {"numbers": torch.tensor([47, 3])},
    "exact.linear_vae.LinearVAE": {"cov": torch.eye(2), "variance": 0.5},
    "exact.reductions.level_of": {"weight": 1.0},
    "exact.tilted.kept_share": {"b": 1.5},
    "exact.dps_law.dps_ode": {"observed": 1.0},
    "exact.dps_law.dps_sde": {"observed": 1.0},
    "exact.source.source_optimum": {
        "matrix": torch.eye(2), "offset": torch.zeros(2), "observed": torch.zeros(2),
    },
    "losses.vae_loss": {"x": POINTS, "decoded": POINTS, "kl": POINTS, "weight": 1.0},
    "nets.latent_scale.LatentScale": {"channels": 4},
    "losses.logit_normal_time": {"mean": 0.0},
    "nets.posterior.DiagonalGaussian": {"mean": LATENTS},
    "nets.numbers.NumberUNet.embed": {"t": torch.full((2,), 0.5), "y": torch.tensor([47, 3])},
    "exact.linear_vae.LinearVAE.measured_on": {"cov": torch.eye(2)},
    "experiments.common.linear_search.Moments": {"around": torch.zeros(16)},
    "nets.vector_vae.VectorVAE": {"encoder": nn.Linear(1, 1), "decoder": nn.Linear(1, 1)},
    "nets.dit.DiT.embed": {"t": torch.full((6,), 0.5), "y": None},
    "nets.dit.DiT.tokens": {"x": CANVASES},
    "nets.patches.patchify": {"x": CANVASES},
    "nets.patches.unpatchify": {"width": 6},
    "nets.patches.positions": {"features": 8},
    "nets.transformer.Block.forward": {"x": TOKENS, "conditioning": torch.zeros(2, 8)},
    "nets.transformer.Modulation.forward": {"conditioning": torch.zeros(2, 8)},
    "nets.transformer.modulated": {"x": TOKENS, "scale": torch.zeros(2, 1, 8)},
    "nets.vae.ConvVAE.measure_scale": {"images": CANVASES},
    "nets.vae.ConvVAE.encode": {"images": CANVASES},
    "nets.vae.ConvVAE.posterior": {"x": CANVASES},
    "nets.vae.ConvVAE.forward": {"x": CANVASES},
    "page.digit.journey": {"scale": 1.0},
    "page.picture.pixels": {"fig": Figure((1, 1)), "dpi": 20},
    "zoo.by_recipe.trained": {"recipe": RECIPE, "model": nn.Linear(1, 1)},
    "likelihood.ode.continuity_residual": {"log_density": lambda x, t: -x.square().sum(1) / 2},
    "likelihood.ode.log_prob_ode": {"y": None},
    "samplers.named.sample_many": {"model": MODEL, "labels": None},
    "training.ema.EMA": {"model": nn.Linear(1, 1)},
    "guidance.models.autoguidance": {"weak": MODEL},
    "metrics.images.check_features": {"sets": {"x": POINTS}},
    "metrics.images.label_accuracy": {"labels": LABELS[:6]},
    "likelihood.bound.step_kl": {"path": CHAIN},
    "likelihood.bound.gaussian_gap": {"path": CHAIN},
    "likelihood.gaussian_chain.posterior_ratios": {"chain": CHAIN},
    "likelihood.gaussian_chain.own_variance": {"chain": CHAIN},
    "likelihood.gaussian_chain.own_divergence": {"chain": CHAIN},
    "exact.gaussians.GaussianMixture.condition": {"y": torch.zeros(2)},
    "exact.gaussians.GaussianMixture.posterior_mean": {"y": None},
    "samplers.affine.push_forward": {"model": ROUND, "y": None},
    "samplers.grids.trailing": {"path": CHAIN},
    "guidance.classifier.classifier_guidance": {"log_prob": nothing},
    "guidance.inverse.covariance_aware": SEEN,
    "guidance.inverse.dps": SEEN,
    "guidance.inverse.null_space": SEEN,
    "guidance.inverse.pigdm": SEEN,
    "guidance.observation.Observation": SEEN,
    "guidance.operators.images.Blur": PICTURE,
    "guidance.operators.images.Colour": PICTURE,
    "guidance.operators.images.ColumnSums": PICTURE,
    "guidance.operators.images.Downsample": PICTURE,
    "guidance.operators.images.RowSums": PICTURE,
    "guidance.operators.operator.constant": {"value": torch.ones(2)},
    "guidance.operators.images.image_shape": PICTURE,
    "guidance.solve.conjugate_gradients": {
        "apply": lambda x: x, "right": torch.ones(6, 2), "most": 10,
    },
    "guidance.scales.scale_at": {"scale": lambda t: t},
    "guidance.classifier.implicit_classifier_gradient": {"y": torch.zeros(6).long()},
    "nets.blocks.conv3": {"channels": 8},
    "nets.blocks.group_norm": {"channels": 8},
    "nets.blocks.ResBlock": {"channels": 8},
    "nets.blocks.Attention": {"channels": 8},
    "experiments.mnist_parts.WrongAxis": {"channels": 8},
    "nets.embeddings.FourierFeatures": {"features": 4},
    "plots.curves.draw": {"x": "x", "y": "y", "levels": {"a": 0.5}, **TICKS},
    "plots.curves.note": {"text": "a", "at": (0.5, 0.5), "place": (0.2, 0.2)},
    "plots.density.heat_maps": {"maps": {"a": torch.ones(4)}, "scale": "nats"},
    "plots.kept.keeping": {
        "rows": {"a": IMAGES}, "curve": CURVES[0], "at": (1.0, 1.0), "x": "x", "y": "y",
    },
    "plots.letters.word": {"text": "O"},
    "plots.letters.leaves": {"share": 0.5, "window": (1.0, 1.0)},
    "plots.curves.plot": {"x": "x", "y": "y", **TICKS},
    "plots.curves.side_by_side": {"x": "x", "panels": [("a", [], "x")], "ticks": TICKS["ticks"]},
    "plots.guidance.measured": {"x": "x", "y": "y", **TICKS},
    "plots.ticks.log_ticks": {"ax": Figure().add_subplot(xscale="log"), "which": "x"},
    "plots.guidance.histograms": {"panels": [("a", POINTS, [])]},
    "plots.images.digit_strip": {"rows": [IMAGES[:1]]},
    "plots.orders.falling": {"x": "x", "y": "y"},
    "plots.orders.side_by_side": {
        "left": {"a": {1: 1.0, 2: 0.5}}, "right": {"a": {1: 1.0, 2: 0.5}}, "titles": ("a", "b"),
        "x": ("x", "x"), "y": ("y", "y"), "slopes": ((1, 2), (1, 2)),
    },
    "plots.reverse.compare_reverse": {
        "data": LINE, "laws": [(0.1, LINE, LINE)],
    },
    "plots.rows.dot_rows": {"rows": {"a": {"sde": 0.5}}, "level": 0.5, "filled": "sde", "x": "x"},
    "plots.rows.priced": {
        "dots": {"a": (1.0, 2.0)}, "x": "x", "y": "y", "floor": 0.5, "ticks": {"x": (1.0,)}},
    "plots.style.end_labels": {"labels": []},
    "plots.tables.loss_weights": {
        "weights": {"x0": (1.0, 2.0)}, "labels": {"x0": ("a", 0.5, 2.0)}, "limits": (0.1, 10.0),
    },
    "page.film.player": {"labels": ["a", "b"]},
    "nets.attention_maps.attention_maps": {
        "net": LOOKING.net, "x": torch.zeros(6, 1, 28, 28), "t": torch.full((6,), 0.5)},
    "plots.attention.looks": {
        "images": {"a": torch.zeros(4, 4)}, "shares": torch.full((4,), 0.25), "patch": 0},
    "plots.plans.three_plans": {
        "starts": POINTS, "plans": {"a": (POINTS, torch.eye(len(POINTS)))}, "means": POINTS},
    "page.transport.Shape": {"x": 0.0, "y": 0.0, "turn": 30.0, "along": 1.0, "across": 0.5},
    "page.transport.Shape.placed": {"standard": POINTS},
    "page.transport.plans": {
        "a": Shape(0, 0, 0, 1, 0.5), "b": Shape(1, 0, 30, 1, 0.5), "epsilon": 0.5, "batch": 4},
    "plots.pairs.joined": {"starts": POINTS, "ends": POINTS},
    "plots.transformer.stack": {
        "parts": [("in", "1"), ("out", "1")], "told": ("t", "1"), "listening": [0]},
    "page.attention.opening": {"model": LOOKING, "digit": 0, "patch": 0},
    "page.attention.show": {"model": LOOKING, "digit": 0, "patch": 0, "times": (0.9, 0.1)},
    "page.preference.cloud": {"data": "one", "preference": torch.tensor([0.2, 0.3, 0.5])},
    "page.preference.show": {"preference": (0.2, 0.3, 0.5), "points": 4},
    "plots.preference.preferred": {
        "prior": ROUND_PLANE, "rewards": CORNERED, "preference": torch.full((3,), 1 / 3, dtype=f64),
        "cloud": POINTS, "sampled": torch.full((3,), 1 / 3, dtype=f64)},
    "page.steering.cloud": {"method": "dps", "observed": torch.zeros(2)},
    "page.steering.shares": {"law": LAW},
    "page.steering.observation": {"known": "line", "place": (0.3, 0.2), "angle": 37},
    "page.steering.show": {"place": (0.3, 0.2)},
    "plots.steering.on_humps": {
        "clouds": {"a": (POINTS, "data")}, "law": LAW, "rows": torch.eye(2), "seen": torch.zeros(2),
        "columns": 1,
    },
    "page.square.lattice": {"draw": shade, "side": 5},
    "page.square.mosaic": {"images": IMAGES},
    "plots.squares.image_squares": {"views": {"a": IMAGES}},
    "samplers.constrained.Repaint": {
        "operator": Mask(torch.tensor([True, False])), "observed": torch.zeros(1)},
    "samplers.distillation.check_times": {"times": (0.1, 0.9)},
    "samplers.distillation.distil": {"times": (0.1, 0.9)},
    "samplers.image_to_image.partway": {"x0": POINTS, "grid": GRID, "y": None},
    "samplers.nudged.Nudged": {"size": 0.5, **SEEN},
    "samplers.particles.best_of": {"n": 3},
    "samplers.particles.particles": {
        "stepper": DDIM(1.0), "twist": RewardTwist(LinearReward(torch.ones(2)))},
    "samplers.recurrence.Recurrent": {"times": 2},
    "samplers.recurrence.noised_back": {"t": torch.tensor(0.5, dtype=f64)},
    "samplers.resampling.check_weights": WEIGHTS,
    "samplers.resampling.effective": WEIGHTS,
    "samplers.resampling.systematic": WEIGHTS,
    "samplers.transition.transition": {
        "stepper": DDIM(1.0), "prediction": ANSWER, "t": torch.tensor(0.5, dtype=f64)},
    "samplers.twists.ObservationTwist": SEEN,
    "transport.optimal.bridge.Bridge": {
        "ends": POINTS, "prices": torch.zeros(6), "mass": SIXTHS},
    "transport.optimal.bridge.Bridge.between": MASSES,
    "transport.optimal.bridge.bridge_variance": {"a": 1.0, "b": 0.5},
    "transport.optimal.couplings.entropic": {"epsilon": 1.0},
    "transport.optimal.entropic_gaussians.entropic_cross": EPSILON | COVARIANCES,
    "transport.optimal.entropic_gaussians.entropic_value": EPSILON | COVARIANCES,
    "transport.optimal.entropic_gaussians.fitted_variance": {"variance": 1.0} | EPSILON,
    "transport.optimal.gaussians.barycentre": {"weights": torch.ones(1)},
    "transport.optimal.lines.carried": {"a": LAW, "b": LAW},
    "transport.optimal.lines.line_velocity": {"a": LAW, "b": LAW},
    "transport.optimal.plans.kantorovich": MASSES,
    "transport.optimal.plans.sorted_match": {"x": torch.ones(3), "y": torch.ones(3)},
    "transport.optimal.log_domain.feasible": MASSES,
    "transport.optimal.log_domain.half_step": {"price": torch.zeros(6), "mass": SIXTHS} | EPSILON,
    "transport.optimal.log_domain.primal": MASSES | EPSILON,
    "transport.optimal.log_domain.sinkhorn": MASSES | EPSILON,
    "transport.optimal.log_domain.sinkhorn_divergence": EPSILON,
    "transport.mixing.corner_weights": {"down": torch.tensor([0.5, 0.5])},
    "transport.mixing.mixed": {"weights": torch.ones(2, 6)},
    "prediction.convert": {"source": "x0", "target": "eps"},
    "page.report.table": {"rows": [[1.0]], "digits": 3},
    "page.report.glue_runs": {},
    "randomness.step_seed": {"step": 3},
    "paths.gaussian.same_mixture": {"source": Cosine(), "target": Linear()},
    "transport.tracks.crossing": LOSS_LABELS,
    "losses.denoising_loss": LOSS_LABELS,
    "training.loop.fit": {"model": nn.Linear(1, 1), "data": lambda g: (), "lr": 1e-3},
    "page.explorer.show": {"name": None, "data": "moons", "sampler": "heun"},
    "page.explorer.still": {"data": "moons", "method": "flow", "sampler": "heun", "exact": False},
}
OF: dict[str, object] = {
    "AnalyticDenoiser": MODEL,
    "EmpiricalDenoiser": EmpiricalDenoiser(POINTS, VP()),
    "LinearDenoiser": LinearDenoiser(POINTS, VP()),
    "Judge": judge(),
    "CanvasJudge": canvas_judge(),
    "ConvVAE": autoencoder(),
    "LatentScale": autoencoder().scale,
    "LinearVAE": LinearVAE(torch.eye(2), 1, 0.5),
    "DiagonalGaussian": POSTERIOR,
    "NumberUNet": NumberUNet((8, 8), image_channels=4, patch=1),
    "DiT": DiT(patch=2, width=8, depth=1, heads=2),
    "SelfAttention": SelfAttention(8, 2),
    "Modulation": Modulation(8, 8, 2),
    "Block": Block(8, 2, 8),
    "Toy": toy("checkerboard"),
    "GaussianMixture": LAW,
    "MeasuredFrom": MeasuredFrom(-1.0, extrapolate),
    "Rescaled": Rescaled(0.7),
    "Guided": steer(MODEL, LinearReward(torch.ones(2))),
    "Projected": Projected(),
    "Projecting": Projecting(), "Balancing": Balancing(), "Averse": Averse(),
    "Tchebycheff": Tchebycheff(torch.zeros(2)),
    "GaussianPath": VP(), "VP": VP(), "VE": VE(), "Linear": Linear(), "Cosine": Cosine(),
    "Chain": CHAIN,
    "DDIM": DDIM(1.0),
    "Repathed": Repathed(MODEL, Cosine()), "Counted": Counted(MODEL),
    "Metered": Metered(MODEL),
    "Bridge": BRIDGE, "Shape": Shape(0, 0, 30, 1, 0.5),
    "Remembered": Remembered(MODEL),
}  # fmt: skip
CALLS: dict[str, Callable] = {  # where it takes more than a call by names
    "training.loop.batches": lambda **given: batches(POINTS, **given),
    "randomness.torch_seeded": lambda **given: torch_seeded(**given).__enter__(),
    "samplers.loop.trajectory": lambda **given: list(trajectory(**given)),
}


def good(of: str, function: Callable) -> dict[str, object]:
    """Arguments that the function takes: those that it must have, and self."""
    given = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self":
            given[name] = OF[of.split(".")[-2]]
        elif name in FOR.get(of, {}):
            given[name] = FOR[of][name]
        elif parameter.default is parameter.empty and parameter.kind != parameter.VAR_POSITIONAL:
            given[name] = canvas()[1][0] if name == "ax" else BY_NAME[name]
    return given


def one(of: str, name: str) -> object:
    """A good value of one argument."""
    return FOR.get(of, {}).get(name, BY_NAME.get(name))
