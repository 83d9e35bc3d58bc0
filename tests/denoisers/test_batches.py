"""A batch that is empty or has the wrong shape is refused by the name of the argument."""

import re

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.guidance import Rescaled, cfg
from diffusionbook.likelihood.bound import elbo
from diffusionbook.likelihood.ode import divergence, log_prob_ode, normal_log_prob
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.classifier import PlainClassifier, ResidualClassifier, cross_entropy
from diffusionbook.nets.mlp import MLP
from diffusionbook.nets.unet import UNet
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Euler
from diffusionbook.shapes import check_each, check_samples
from diffusionbook.transport.reflow import Pairs, pair_loss, reflow_pairs
from diffusionbook.transport.tracks import detour, straightness, transport_cost

PATH = Cosine()
X, GRID, T, Y = randn((4, 2), seeded(0)), grids.uniform(3, 0.9, 0.1), torch.full((4,), 0.5), None
NONE, IMAGES = X[:0], torch.zeros(4, 1, 28, 28)
MODEL, CHAIN = AnalyticDenoiser(TRIO, PATH), AnalyticDenoiser(TRIO, Chain.from_path(VP(), 3))
DATA, LINEAR = EmpiricalDenoiser(X, PATH), LinearDenoiser(X, PATH)
NET, NETWORK = MLP(width=8), NetDenoiser(MLP(width=8), PATH, "v")
UNET = UNet((8, 8), (1, 1))
NOISY, PLAIN = ResidualClassifier(8, time_conditional=True), PlainClassifier(4)
ROW = Prediction(NONE, "x0", NONE, 0.5, PATH)
LABELS = torch.arange(4) % 3

EMPTY = {
    "mlp": ("x", lambda: NET(NONE.float(), T[:0])),
    "unet": ("x", lambda: UNET(IMAGES[:0], T[:0])),
    "noisy classifier": ("x", lambda: NOISY(IMAGES[:0], T[:0])),
    "plain classifier": ("x", lambda: PLAIN(IMAGES[:0])),
    "cross entropy": ("logits", lambda: cross_entropy(torch.zeros(0, 3), LABELS[:0])),
    "network": ("x_t", lambda: NETWORK(NONE, 0.5)),
    "exact": ("x_t", lambda: MODEL(NONE, 0.5)),
    "data": ("x_t", lambda: DATA(NONE, 0.5)),
    "linear": ("x_t", lambda: LINEAR(NONE, 0.5)),
    "mixture": ("x", lambda: TRIO.log_prob(NONE)),
    "score": ("x", lambda: TRIO.score(NONE)),
    "loss": ("x0", lambda: denoising_loss(MODEL, NONE)),
    "pairs": ("x0", lambda: pair_loss(MODEL, NONE, NONE)),
    "rescaled": ("x_t", lambda: Rescaled(0.5)(ROW, ROW, 2.0)),
    "divergence": ("x", lambda: divergence(torch.sin, NONE)),
    "log_prob_ode": ("x", lambda: log_prob_ode(MODEL, NONE, GRID)),
    "normal": ("x", lambda: normal_log_prob(NONE, 1.0)),
    "elbo": ("x0", lambda: elbo(CHAIN, NONE, variance="beta", generator=None)),
    "sample": ("noise", lambda: sample(Euler(), MODEL, NONE, GRID)),
    "reflow": ("noise", lambda: reflow_pairs(MODEL, NONE, Euler(), GRID)),
    "straightness": ("noise", lambda: straightness(MODEL, NONE, GRID)),
    "detour": ("noise", lambda: detour(MODEL, NONE, GRID)),
    "cost": ("x0", lambda: transport_cost(Pairs(NONE, NONE))),
}


@pytest.mark.parametrize(("name", "call"), EMPTY.values(), ids=EMPTY)
def test_an_empty_batch_is_named(name, call, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must hold at least one sample; its .*\(0, "):
        call()


SIDE = "x must have a height and a width that 2 patch = 4 divides; they are "
WRONG = {
    "mlp": ("x must have shape (b, 2); it has (4, 3)", lambda: NET(torch.zeros(4, 3), T)),
    "mlp, flat": ("x must have shape (b, 2); it has (2,)", lambda: NET(torch.zeros(2), T)),
    "mlp, t": ("t must have shape (4,), one number for each sample; it has (3,)",
               lambda: NET(X.float(), T[:3])),
    "mlp, one t": ("t must have shape (4,), one number for each sample; it has ()",
                   lambda: NET(X.float(), T[0])),
    "unet": ("x must have shape (b, 1, h, w); it has (4, 3, 28, 28)",
             lambda: UNET(IMAGES.expand(4, 3, 28, 28), T)),
    "unet, no channel": ("x must have shape (b, 1, h, w); it has (4, 28, 28)",
                         lambda: UNET(IMAGES[:, 0], T)),
    "unet, height": (f"{SIDE}30 and 28", lambda: UNET(torch.zeros(4, 1, 30, 28), T)),
    "unet, width": (f"{SIDE}28 and 30", lambda: UNET(torch.zeros(4, 1, 28, 30), T)),
    "unet, t": ("t must have shape (4,), one number for each sample; it has (1,)",
                lambda: UNET(IMAGES, T[:1])),
    "unet, y": ("y must have shape (4,), one number for each sample; it has (1,)",
                lambda: UNET(IMAGES, T, LABELS[:1])),
    "noisy classifier": ("x must have shape (b, 1, 28, 28); it has (4, 1, 14, 14)",
                         lambda: NOISY(IMAGES[..., :14, :14], T)),
    "noisy classifier, t": ("t must have shape (4,), one number for each sample; it has (2,)",
                            lambda: NOISY(IMAGES, T[:2])),
    "plain classifier": ("x must have shape (b, 1, 28, 28); it has (4, 28, 28)",
                         lambda: PLAIN(IMAGES[:, 0])),
    "cross entropy": ("y must have shape (4,), one number for each sample; it has (3,)",
                      lambda: cross_entropy(torch.zeros(4, 3), LABELS[:3])),
    "network, t": ("t must have shape (4,), one number for each sample; it has (3,)",
                   lambda: NETWORK(X, T[:3])),
    "network, y": ("y must have shape (4,), one number for each sample; it has (3,)",
                   lambda: NETWORK(X, T, LABELS[:3])),
    "exact": ("x_t must have shape (b, 2); it has (4, 3)", lambda: MODEL(torch.zeros(4, 3), T)),
    "exact, t": ("t must have shape (4,), one number for each sample; it has (3,)",
                 lambda: MODEL(X, T[:3])),
    "exact, y": ("y must have shape (4,), one number for each sample; it has (1,)",
                 lambda: MODEL(X, T, LABELS[:1])),
    "mixture, y": ("y must have shape (4,), one number for each sample; it has (1,)",
                   lambda: TRIO.posterior_mean(X, 0.5, 0.5, LABELS[:1])),
    "data": ("x_t must have shape (b, 2); it has (4, 2, 1)", lambda: DATA(X[..., None], T)),
    "linear": ("x_t must have shape (b, 2); it has (4, 3)", lambda: LINEAR(torch.zeros(4, 3), T)),
    "loss, y": ("y must have shape (4,), one number for each sample; it has (3,)",
                lambda: denoising_loss(MODEL, X, LABELS[:3])),
    "loss, t": ("t must have shape (4,), one number for each sample; it has (3,)",
                lambda: denoising_loss(MODEL, X, time=lambda *_: T[:3])),
    "pairs": ("eps must have the shape of x0, (4, 2); it has (3, 2)",
              lambda: pair_loss(MODEL, X, X[:3])),
    "sample, y": ("y must have shape (4,), one number for each sample; it has (3,)",
                  lambda: sample(Euler(), cfg(MODEL, 2.0), X, GRID, y=LABELS[:3])),
    "log_prob_ode, y": ("y must have shape (4,), one number for each sample; it has (3,)",
                        lambda: log_prob_ode(MODEL, X, GRID, y=LABELS[:3])),
    "probes": ("probes must have shape (m, 4, 2); they have (4, 2)",
               lambda: log_prob_ode(MODEL, X, GRID, probes=X)),
}


@pytest.mark.parametrize(("message", "call"), WRONG.values(), ids=WRONG)
def test_a_wrong_shape_is_named_with_the_right_one(message, call, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()


def test_what_fits_is_let_through() -> None:
    check_samples("x", torch.zeros(1))
    check_samples("x", IMAGES, 1, "h", 28)
    check_each("y", None, X)
    check_each("y", LABELS, X)
    with pytest.raises(ValueError, match=r"x must hold at least one sample; its shape is \(\)"):
        check_samples("x", torch.zeros(()))
    assert UNET(torch.zeros(1, 1, 12, 8), T[:1], LABELS[:1]).shape == (1, 1, 12, 8)
