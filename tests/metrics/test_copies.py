"""Copies that were moved, that are held twice, and what still is not seen."""

import itertools
import math

import pytest
import torch
from torch.nn import functional as F

from diffusionbook.metrics import memorisation
from diffusionbook.metrics.copies import copied, moved, nearer, two_nearest_moved
from diffusionbook.metrics.memorisation import data_copying, memorised, nearest
from diffusionbook.randomness import randn, seeded


def strokes(n: int, seed: int) -> torch.Tensor:
    """Images of (n, 1, 12, 12): ink that is smooth over a few pixels, with paper around it."""
    ink = F.avg_pool2d(randn((n, 1, 10, 10), seeded(seed)), 3, 1)
    return F.pad((3 * ink).clamp(-1, 1), (2, 2, 2, 2), value=-1.0)


TRAIN, FRESH = strokes(300, 0), strokes(60, 1)


@pytest.fixture(params=[(3, 4), (1024, 2048)])
def tile(request, monkeypatch) -> None:
    monkeypatch.setattr(memorisation, "TILE", request.param)


def test_moved_by_hand() -> None:
    image = torch.arange(9.0).reshape(1, 1, 3, 3)
    assert moved(image, 0, 0).equal(image)
    assert moved(image, 1, 0)[0, 0].tolist() == [[-1, -1, -1], [0, 1, 2], [3, 4, 5]]
    assert moved(image, -1, 2)[0, 0].tolist() == [[-1, -1, 3], [-1, -1, 6], [-1, -1, -1]]


@pytest.mark.parametrize("reach", [0, 1, 2])
def test_the_two_nearest_by_brute_force(reach: int, tile, without_shape_checks) -> None:
    samples, train = randn((4, 1, 4, 5), seeded(0)), randn((9, 1, 4, 5), seeded(1))
    train[5] = moved(samples[2:3], -1, 1)[0]
    found = two_nearest_moved(samples, train, reach)
    by = range(-reach, reach + 1)
    for i in range(4):
        each = [min(float((moved(samples[i:i + 1], a, b)[0] - one).norm())
                    for a, b in itertools.product(by, by)) for one in train]
        order = sorted(range(9), key=each.__getitem__)[:2]
        assert found.index[i].tolist() == order
        assert found.distance[i].tolist() == pytest.approx([each[k] for k in order], abs=1e-12)
    if reach:  # a moved copy is found where it lies, up to what left the image
        assert int(found.index[2, 0]) == 5


def test_without_moves_it_is_the_distance_of_pixels() -> None:
    found = two_nearest_moved(FRESH, TRAIN, 0)
    plain = nearest(FRESH.flatten(1), TRAIN.flatten(1))
    assert found.distance[:, 0].equal(plain.distance)
    assert found.index[:, 0].equal(plain.index)


@pytest.mark.parametrize("by", [(0, 1), (1, 0), (-1, 1)])
def test_moved_copies_are_seen_here_and_not_by_their_pixels(by: tuple[int, int]) -> None:
    """The positive control: what pixels acquit, the least distance over moves finds."""
    copies = moved(TRAIN[:60], *by)
    assert float(memorised(copies.flatten(1), TRAIN.flatten(1))) < 0.05
    assert float(copied(copies, TRAIN)) == 1
    assert float(copied(copies, TRAIN, reach=0)) < 0.05


def test_fresh_images_are_no_copies() -> None:
    assert float(copied(FRESH, TRAIN)) == 0
    assert float(copied(torch.cat([FRESH, TRAIN[:60]]), TRAIN)) == 0.5


def test_copies_of_what_is_held_twice_are_seen() -> None:
    """Pixel by pixel the ratio of the two distances is 0 / 0, or near 1, and they pass."""
    train = torch.cat([TRAIN, TRAIN[:20]])
    copies = torch.cat([TRAIN[:10], TRAIN[10:20] + 1e-3])
    assert float(memorised(copies.flatten(1), train.flatten(1))) == 0
    assert float(copied(copies, train)) == 1
    assert float(copied(moved(copies, 1, 0), train)) == 1


def test_blurred_copies_are_not_seen() -> None:
    """The blind spot that the docstring tells of."""
    blurred = F.avg_pool2d(F.pad(TRAIN[:60], (1, 1, 1, 1), value=-1.0), 3, 1)
    assert float(copied(blurred, TRAIN)) < 0.2


def test_nearer_is_the_share_of_data_copying_for_any_distance() -> None:
    ours, theirs = (nearest(x.flatten(1), TRAIN.flatten(1)).distance
                    for x in (torch.cat([FRESH[:20], TRAIN[:9], TRAIN[3:9]]),
                              torch.cat([FRESH[20:], TRAIN[:5]])))
    expected = data_copying(torch.cat([FRESH[:20], TRAIN[:9], TRAIN[3:9]]).flatten(1),
                            TRAIN.flatten(1), torch.cat([FRESH[20:], TRAIN[:5]]).flatten(1))
    assert float(nearer(ours, theirs)) == pytest.approx(float(expected), abs=1e-12)
    assert float(nearer(ours, ours)) == pytest.approx(0.5, abs=1e-12)  # with ties


def test_a_copier_that_moves_its_images_has_no_share_of_one_by_pixels() -> None:
    """So A = 1 is no property of copiers; in the distance over moves it is, for this one."""
    copies = moved(TRAIN[:60], 0, 1)
    assert float(data_copying(copies.flatten(1), TRAIN.flatten(1), FRESH.flatten(1))) < 0.9
    ours, theirs = (two_nearest_moved(x, TRAIN).distance[:, 0] for x in (copies, FRESH))
    assert float(nearer(ours, theirs)) == 1


@pytest.mark.parametrize(("call", "message"), [
    (lambda x: two_nearest_moved(x[:, :, :3], x), r"have \(4, 1, 3, 12\) and \(4, 1, 12, 12\)"),
    (lambda x: two_nearest_moved(x.flatten(1), x), r"must have shapes \(n, c, h, w\)"),
    (lambda x: two_nearest_moved(x[:0], x), "samples must hold 1 or more rows"),
    (lambda x: two_nearest_moved(x, x[:1]), "train must hold 2 or more rows"),
    (lambda x: two_nearest_moved(x * math.inf, x), "samples must be finite"),
    (lambda x: two_nearest_moved(x, x, -1), "reach must be 0 or more; it is -1"),
    (lambda x: two_nearest_moved(x, x, 12), "down must lie between -12 and 12; it is -12"),
    (lambda x: copied(x, x, 0.0), r"threshold must lie in \(0, 1\]; it is 0.0"),
    (lambda x: copied(x, x[[0, 0]]), "train must hold 2 or more rows; it holds 1"),
    (lambda x: moved(x, 0, 12), "right must lie between -12 and 12; it is 12"),
])
def test_bad_arguments_are_refused(call, message: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call(TRAIN[:4])
