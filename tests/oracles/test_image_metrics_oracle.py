"""Metrics of image sets beside torchmetrics, with a feature net of our own, and scikit-learn."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from diffusionbook.metrics.images import frechet, frechet_moments, kid
from diffusionbook.metrics.memorisation import nearest, nearest_ratio
from diffusionbook.metrics.regions import coverage, precision_recall
from diffusionbook.randomness import randn, seeded


class Net(nn.Module):
    """A small convolutional net with fixed random weights: (n, 1, 8, 8) images to 12 features."""

    num_features = 12

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.Parameter(randn((12, 1, 3, 3), seeded(0)), requires_grad=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return nn.functional.conv2d(images, self.filters).relu().mean((2, 3))


class Flat(nn.Module):
    """Pixels as features."""

    num_features = 64

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1)


REAL, FAKE = randn((150, 1, 8, 8), seeded(1)), 0.3 + 0.8 * randn((150, 1, 8, 8), seeded(2))


def library(name: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("diffusionbook.data.vision")  # torchmetrics imports torchvision
        return pytest.importorskip(name)


def given_to(metric, real=REAL, fake=FAKE):
    metric.set_dtype(torch.float64)
    metric.update(real, real=True)
    metric.update(fake, real=False)
    return metric.compute()


@pytest.mark.equation("eq-frechet")
@pytest.mark.parametrize("net", [Net(), Flat()])
@pytest.mark.parametrize("n", [150, 100])
def test_frechet_distance_with_the_same_net(net: nn.Module, n: int) -> None:
    fid = library("torchmetrics.image.fid").FrechetInceptionDistance(feature=net)
    expected = float(given_to(fid, fake=FAKE[:n]))
    assert float(frechet(net(REAL), net(FAKE[:n]))) == pytest.approx(expected, rel=1e-8)


@pytest.mark.equation("eq-kid")
@pytest.mark.parametrize("net", [Net(), Flat()])
def test_kernel_distance_with_the_same_net(net: nn.Module) -> None:
    """One subset as large as the sets is the sets."""
    theirs = library("torchmetrics.image.kid").KernelInceptionDistance(
        feature=net, subsets=1, subset_size=150
    )
    expected = float(given_to(theirs)[0])
    assert float(kid(net(REAL), net(FAKE))) == pytest.approx(expected, rel=1e-8)


@pytest.mark.equation("eq-frechet")
def test_frechet_distance_of_moments_by_a_matrix_root() -> None:
    sqrtm = library("scipy.linalg").sqrtm
    factors = randn((2, 10, 10), seeded(3))
    x, y = factors @ factors.mT
    mean_x, mean_y = randn((2, 10), seeded(4))
    root = np.trace(sqrtm((x @ y).numpy())).real
    expected = float((mean_x - mean_y).square().sum() + x.trace() + y.trace()) - 2 * root
    assert float(frechet_moments(mean_x, x, mean_y, y)) == pytest.approx(expected, rel=1e-9)


def within_reach(of: np.ndarray, points: np.ndarray, k: int) -> np.ndarray:
    """(n, m): which points lie in the ball to the k-th neighbour of each row of ``of``."""
    neighbors = library("sklearn.neighbors")
    own = neighbors.NearestNeighbors(n_neighbors=k).fit(of)
    radii = own.kneighbors()[0][:, -1]  # asked without points it leaves each row itself out
    distances = library("sklearn.metrics").pairwise_distances(of, points)
    return distances <= radii[:, None]


@pytest.mark.equation("eq-precision-recall")
@pytest.mark.equation("eq-coverage")
@pytest.mark.parametrize("k", [1, 3, 5])
def test_precision_recall_and_coverage(k: int) -> None:
    real, fake = Net()(REAL), Net()(FAKE[:100])
    in_real = within_reach(real.numpy(), fake.numpy(), k)
    in_fake = within_reach(fake.numpy(), real.numpy(), k)
    precision, recall = precision_recall(real, fake, k)
    assert float(precision) == pytest.approx(in_real.any(0).mean(), abs=1e-12)
    assert float(recall) == pytest.approx(in_fake.any(0).mean(), abs=1e-12)
    assert float(coverage(real, fake, k)) == pytest.approx(in_real.any(1).mean(), abs=1e-12)


def test_nearest_neighbours() -> None:
    samples, data = FAKE.flatten(1), REAL.flatten(1)
    search = library("sklearn.neighbors").NearestNeighbors(n_neighbors=2, algorithm="kd_tree")
    distances, indices = search.fit(data.numpy()).kneighbors(samples.numpy())
    found = nearest(samples, data)
    assert found.index.tolist() == indices[:, 0].tolist()
    assert found.distance.numpy() == pytest.approx(distances[:, 0], abs=1e-10)
    ratios = distances[:, 0] / distances[:, 1]
    assert nearest_ratio(samples, data).numpy() == pytest.approx(ratios, abs=1e-10)
