"""Canvases: the right digits in the right places, whole, apart, and from the right source."""

import pytest
import torch
from scipy.ndimage import label
from torch.nn.functional import avg_pool2d

from diffusionbook.data import canvases, digits_standin, mnist
from diffusionbook.data.canvases import HELD_OUT, SIZE, TRAINED, compose, in_turn
from diffusionbook.data.mnist import Digits


def blocks(height: int = 14, width: int = 9, copies: int = 1) -> Digits:
    """Digit d is a solid block whose grey is (d + 1) / 10, so that one sees which digit it is."""
    labels = torch.arange(10).repeat(copies).flip(0)
    ink = torch.zeros(len(labels), 1, 28, 28)
    ink[:, :, 5 : 5 + height, 12 : 12 + width] = (labels[:, None, None, None] + 1) / 10
    return Digits(2 * ink - 1, labels, "blocks")


def parts(canvas: torch.Tensor) -> list[torch.Tensor]:
    """The ink of each connected part, from left to right; what is fainter than .04 is no ink."""
    ink = (canvas[0] + 1) / 2
    found, count = label((ink > 0.04).numpy(), torch.ones(3, 3).int().numpy())
    each = [ink * torch.from_numpy(found == k) for k in range(1, count + 1)]
    return sorted(each, key=lambda part: _centre(part)[1])


def _centre(part: torch.Tensor) -> tuple[float, float]:
    at = torch.arange(len(part)).double()
    total = part.double().sum()
    return float((part.sum(1) * at).sum() / total), float((part.sum(0) * at).sum() / total)


@pytest.fixture
def plain(monkeypatch):
    """Nothing is left to chance but which digits, and where they stand."""
    for name, value in (("SCALE", 1.0), ("OWN_SCALE", 1.0), ("LEAN", 0.0), ("OWN_LEAN", 0.0)):
        monkeypatch.setattr(canvases, name, (value, value))


def test_tens_stand_left_and_ones_right_and_nothing_touches() -> None:
    numbers = in_turn(300, range(100))
    for canvas, number in zip(compose(blocks(), numbers, 1), numbers.tolist(), strict=True):
        found = [float(part.max()) for part in parts(canvas)]
        assert found == pytest.approx([(number // 10 + 1) / 10, (number % 10 + 1) / 10], abs=1e-5)


@pytest.mark.parametrize("digits", [blocks(20, 20), blocks(2, 27), blocks(22, 2)])
def test_no_ink_leaves_the_canvas_and_no_digit_loses_any(digits) -> None:
    images = compose(digits, in_turn(400), 2)
    assert images.shape == (400, *SIZE) and images.dtype == torch.float32
    rim = torch.ones(64, 64).bool()
    rim[1:-1, 1:-1] = False
    assert bool((images[:, 0][:, rim] == -1).all())
    assert images.aminmax() == (-1, 1)
    ink = (images[:, 0] + 1) / 2
    for column in ink.amax(1):  # between the two there is one without ink
        inked = column.nonzero().flatten()
        assert bool((column[inked[0] : inked[-1]] == 0).any())
    # A block of height h and width w keeps its proportions, whatever it is scaled by.
    for one in ink[:50]:
        left = parts(2 * one[None] - 1)[0]
        level, area = float(left.max()), float(left.sum())
        rows = (left > level / 2).any(1).nonzero()
        height = float(rows.max() - rows.min() + 1)
        shape = digits.images[-1, 0] > -1
        h, w = int(shape.any(1).sum()), int(shape.any(0).sum())
        # up to a pixel on each side is shade; leaning changes no area
        assert area / level == pytest.approx(height**2 * w / h, rel=2.5 / height + 1.5 / w)


def test_a_margin_stays_free_on_all_sides(monkeypatch) -> None:
    monkeypatch.setattr(canvases, "MARGIN", 4.0)
    images = compose(blocks(20, 20), in_turn(200), 2)
    rim = torch.ones(64, 64).bool()
    rim[4:-4, 4:-4] = False
    assert bool((images[:, 0][:, rim] == -1).all())
    edges = (images[:, 0] > -1).any(0)
    rows, columns = edges.any(1).nonzero(), edges.any(0).nonzero()
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 58, 5, 58)


def test_true_digits_fit_too(true_digits) -> None:
    digits = mnist.real("test", None)
    images = compose(digits, in_turn(1_000), 0)
    for edge in (images[..., 0, :], images[..., -1, :], images[..., 0], images[..., -1]):
        assert bool((edge == -1).all())
    # Both digits have the ink of MNIST's digits, enlarged by 1.05 … 1.4 in each direction: E s².
    mean = float(((digits.images + 1) / 2).sum((1, 2, 3)).mean())
    grown = float(((images + 1) / 2).sum((1, 2, 3)).mean()) / (2 * mean)
    expected = (1.225**2 + 0.35**2 / 12) * (1 + 0.12**2 / 12)
    # digits have ink that varies by a third, 2,000 are drawn; few pairs are made narrower
    assert grown == pytest.approx(expected, rel=5 / 3 / 2_000**0.5)


def test_a_canvas_without_chance_is_the_digits_themselves(plain, monkeypatch) -> None:
    """At scale 1, with gaps and places on whole pixels, resampling returns the pixels."""
    monkeypatch.setattr(canvases, "GAP", (3.0, 3.0))
    monkeypatch.setattr(canvases, "HOP", 0.0)
    monkeypatch.setattr("torch.rand", lambda *shape, **_: torch.zeros(shape, dtype=torch.float64))
    digits = Digits(*digits_standin.load("test"), "stand-in")
    canvas = compose(digits, torch.tensor([47]))[0, 0]
    first = [digits.images[digits.labels == d][0, 0] for d in (4, 7)]
    columns = [(image > -1).any(0).nonzero().flatten() for image in first]
    rows = [(image > -1).any(1).nonzero().flatten() for image in first]
    begin = 2  # a margin of one pixel, and one for the shade of the next
    for image, wide, high in zip(first, columns, rows, strict=True):
        inside = image[high[0] : high[-1] + 1, wide[0] : wide[-1] + 1]
        there = canvas[:, begin : begin + inside.shape[1]]
        seen = (there > -0.999).any(1).nonzero().flatten()
        found = there[seen[0] : seen[0] + inside.shape[0]]
        if (len(high) - len(rows[0])) % 2 == 0:  # else it is half a pixel off in height
            assert (found - inside).abs().max() < 1e-5
        assert seen[0] == 2 + (max(map(len, rows)) - len(high)) // 2  # with its top at the margin
        begin += inside.shape[1] + 1 + 3  # the gap lies between two pixels' shades
    assert float((canvas + 1).sum()) == pytest.approx(
        sum(float((image + 1).sum()) for image in first), rel=1e-5)


@pytest.mark.parametrize("lean", [0.3, -0.2])
def test_a_lean_is_columns_to_the_right_for_each_row_up(plain, monkeypatch, lean) -> None:
    monkeypatch.setattr(canvases, "LEAN", (lean, lean))
    canvas = (compose(blocks(20, 3), torch.tensor([99]))[0, 0].double() + 1) / 2
    used = canvas.amax(0).nonzero().flatten()
    bar = canvas * (torch.arange(64) <= used[used.diff().argmax()])  # the left one
    rows = (bar.sum(1) > 2).nonzero().flatten()[1:-1]  # without the shade at its ends
    columns = bar[rows] @ torch.arange(64).double() / bar[rows].sum(1)
    assert len(rows) >= 17
    assert columns.diff().tolist() == pytest.approx([-lean] * (len(rows) - 1), abs=1e-5)


def test_scale_is_pixels_for_a_pixel(plain, monkeypatch) -> None:
    monkeypatch.setattr(canvases, "SCALE", (1.5, 1.5))
    left, right = parts(compose(blocks(12, 8), torch.tensor([99]), 3)[0])
    assert float(left.sum()) == pytest.approx(12 * 8 * 1.5**2, rel=0.01)
    assert float(right.sum()) == pytest.approx(12 * 8 * 1.5**2, rel=0.01)


def test_place_scale_and_slant_vary() -> None:
    centres, areas = [], []
    for canvas in compose(blocks(20, 8), in_turn(300, [99]), 0):
        left, right = parts(canvas)
        (y, x), (other, _) = _centre(left), _centre(right)
        centres.append((y, x, other - y))
        areas.append((float(left.sum()), float(right.sum())))
    y, x, hop = torch.tensor(centres).T
    assert y.min() < 22 and y.max() > 42 and abs(float(y.mean()) - 31.5) < 2.5
    assert x.min() < 11 and x.max() > 30
    assert 0.5 < hop.abs().mean() < 2 and hop.abs().max() < 4
    left, right = (torch.tensor(areas) / 160).T
    assert left.min() < 1.15 and left.max() > 1.8
    assert 1.03 < (left / right).max() < (1.06 / 0.94) ** 2 * 1.01  # one hand wrote both


def test_every_copy_of_a_digit_is_used_and_no_other_digit() -> None:
    labels = torch.arange(10).repeat_interleave(5)
    ink = torch.zeros(50, 1, 28, 28)
    ink[:, :, 8:20, 10:18] = (torch.arange(50)[:, None, None, None] + 1) / 50
    images = compose(Digits(2 * ink - 1, labels, ""), in_turn(400, [37]), 0)
    found = torch.tensor([[round(float(part.max()) * 50) - 1 for part in parts(canvas)]
                          for canvas in images])
    assert sorted(set(found[:, 0].tolist())) == [15, 16, 17, 18, 19]
    assert sorted(set(found[:, 1].tolist())) == [35, 36, 37, 38, 39]
    pairs = {tuple(pair) for pair in found.tolist()}
    assert len(pairs) == 25  # the two are drawn independently


def test_a_canvas_depends_on_its_place_and_seed_alone(monkeypatch) -> None:
    monkeypatch.setattr(canvases, "DRAWN", 8)
    digits, numbers = Digits(*digits_standin.load("train"), ""), in_turn(21)
    images = compose(digits, numbers, 5)
    for n in (1, 8, 9, 20):
        assert torch.equal(compose(digits, numbers[:n], 5), images[:n])
    same = compose(digits, torch.full((21,), 88), 5)
    assert all((same[i] != same[j]).any() for i in range(21) for j in range(i))
    assert not torch.equal(compose(digits, numbers, 6), images)


def test_a_larger_canvas_is_the_same_picture() -> None:
    digits, numbers = Digits(*digits_standin.load("train"), ""), in_turn(20)
    small, large = (compose(digits, numbers, 0, side) for side in (64, 128))
    assert large.shape == (20, 1, 128, 128)
    both = torch.stack([small.flatten(), avg_pool2d(large, 2).flatten()])
    assert both.corrcoef()[0, 1] > 0.97  # a quarter of a pixel off, and smoothed twice


def test_no_number_held_out_and_none_missing() -> None:
    assert sorted((*HELD_OUT, *TRAINED)) == list(range(100)) and len(HELD_OUT) == 10
    assert sorted(n // 10 for n in HELD_OUT) == sorted(n % 10 for n in HELD_OUT) == list(range(10))
    assert all(10 * (n % 10) + n // 10 not in HELD_OUT for n in HELD_OUT)
    assert all(n % 11 for n in HELD_OUT)
    assert in_turn(200).tolist() == 2 * list(TRAINED) + list(TRAINED[:20])
    assert in_turn(3, (5, 99)).tolist() == [5, 99, 5]


def test_each_split_has_digits_of_its_own(monkeypatch) -> None:
    called = []

    def load(split, root, *, stand_in):
        called.append((split, root, stand_in))
        found = blocks()
        images = found.images if split == "train" else found.images.flip(2)
        return Digits(images, found.labels, f"the {split} digits")

    monkeypatch.setattr(mnist, "load", load)
    train = canvases.load("train", 12, root="here", seed=3)
    test = canvases.load("test", 12, [1, 2], stand_in=False, side=40)
    assert called == [("train", "here", True), ("test", None, False)]
    assert train.source == "the train digits" and test.source == "the test digits"
    assert train.numbers.tolist() == list(TRAINED[:12]) and test.numbers.tolist() == 6 * [1, 2]
    assert torch.equal(train.images, compose(load("train", "", stand_in=1), train.numbers, 3))
    assert torch.equal(test.images,
                       compose(load("test", "", stand_in=1), test.numbers, 0, 40))


DIGITS = blocks()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: canvases.load("valid", 3), "split must be 'train' or 'test'; it is 'valid'"),
    (lambda: canvases.load("train", 0), "n must be at least 1; it is 0"),
    (lambda: canvases.load("train", 3, [100]), r"numbers must be 0 … 99; they hold \[100\]"),
    (lambda: canvases.load("train", 3, []), "numbers must hold at least one"),
    (lambda: canvases.load("train", 3, side=31), "side must be at least 32; it is 31"),
    (lambda: canvases.load("train", 3, seed=-1), "seed must be at least 0; it is -1"),
    (lambda: compose(DIGITS, torch.tensor([3, -1])), r"numbers must be 0 … 99; they hold \[-1\]"),
    (lambda: compose(DIGITS, torch.tensor([], dtype=torch.int64)), "at least one sample"),
    (lambda: compose(Digits(DIGITS.images[:5], DIGITS.labels[:5], ""), torch.tensor([93])),
     r"digits must hold every digit that numbers ask for; it has no \[3\]"),
    (lambda: compose(Digits(-torch.ones(10, 1, 28, 28), torch.arange(10), ""),
                     torch.tensor([93])), "images with ink; one of them is empty"),
    (lambda: in_turn(3, [2.5]), "numbers must be a whole number; it is 2.5"),
])  # fmt: skip
def test_bad_input_is_refused(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()
