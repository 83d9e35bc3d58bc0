"""Grids and strips of digits: every image is drawn where it belongs, unchanged and named."""

import numpy as np
import pytest
import torch

from diffusionbook.plots.images import GAP, LARGEST, LINE, digit_grid, digit_strip
from diffusionbook.plots.style import EXACT, WIDTH
from diffusionbook.randomness import randn, seeded

HEIGHT, BREADTH = 30, 20  # of an image: not square, so that the two cannot be mixed up
PAPER = -1.0


def images(n: int, seed: int = 0) -> torch.Tensor:
    return randn((n, 1, HEIGHT, BREADTH), seeded(seed)).div(3).clamp(-0.9, 0.9)


def drawn(fig) -> np.ndarray:
    (ax,) = fig.axes
    (picture,) = ax.images
    return np.asarray(picture.get_array())


def cut(paper: np.ndarray, top: int, left: int) -> np.ndarray:
    return paper[top : top + HEIGHT, left : left + BREADTH]


def boxes(fig) -> dict[str, tuple]:
    """Where the words stand, in inches from the lower left corner of the figure."""
    fig.canvas.draw()
    (ax,) = fig.axes
    found = {}
    for text in ax.texts:
        if text.get_text():
            box = text.get_window_extent()
            found[text.get_text()] = tuple(v / fig.dpi for v in (box.x0, box.x1, box.y0, box.y1))
    return found


def place(fig, top: float, left: float) -> tuple:
    """The inches that an image takes whose upper left pixel is (top, left): x0, x1, y0, y1.

    Only after :func:`boxes`: it draws, and each drawing lays out anew.
    """
    corners = [(left - 0.5, top + HEIGHT - 0.5), (left + BREADTH - 0.5, top - 0.5)]
    (x0, y0), (x1, y1) = fig.axes[0].transData.transform(corners) / fig.dpi
    return x0, x1, y0, y1


def inside(fig, box: tuple) -> bool:
    return bool(min(box[0], box[2]) >= 0 and box[1] <= fig.get_figwidth()
                and box[3] <= fig.get_figheight())  # fmt: skip


def test_a_grid_without_titles_is_images_and_paper_between_them() -> None:
    x = images(7)
    paper = drawn(digit_grid(x, rows=2))
    assert paper.shape == (2 * HEIGHT + GAP, 4 * BREADTH + 3 * GAP)
    rest = np.ones_like(paper, dtype=bool)
    for k in range(7):
        top, left = k // 4 * (HEIGHT + GAP), k % 4 * (BREADTH + GAP)
        assert np.array_equal(cut(paper, top, left), x[k, 0].numpy())
        cut(rest, top, left)[:] = False
    assert (paper[rest] == PAPER).all() and rest[-1, -1]  # the last row is shorter


@pytest.mark.parametrize(("n", "rows", "columns"), [(1, 1, 1), (6, 6, 1), (6, 1, 6), (5, 3, 2)])
def test_a_grid_has_the_rows_that_were_asked_for(n: int, rows: int, columns: int) -> None:
    paper = drawn(digit_grid(images(n), rows=rows))
    assert paper.shape == (rows * (HEIGHT + GAP) - GAP, columns * (BREADTH + GAP) - GAP)


def test_ink_is_black_paper_is_white_and_the_rest_is_clipped() -> None:
    x = torch.tensor([-7.0, -1, 0, 1, 7, 0.5]).reshape(1, 1, 1, 6)
    fig = digit_grid(x, rows=1)
    assert drawn(fig).tolist() == [[-1, -1, 0, 1, 1, 0.5]]
    (picture,) = fig.axes[0].images
    assert picture.get_clim() == (-1, 1) and picture.get_interpolation() == "nearest"
    grey = picture.to_rgba(np.array([-1.0, 0, 1]))[:, 0].tolist()
    assert grey == pytest.approx([1, 0.5, 0], abs=0.01)
    assert not fig.axes[0].axison


def test_images_with_gradients_in_half_precision_are_drawn_and_left_alone() -> None:
    x = images(2).bfloat16().requires_grad_()
    before = x.detach().clone()
    paper = drawn(digit_grid(x, rows=1))
    assert np.array_equal(cut(paper, 0, BREADTH + GAP), before[1, 0].double().numpy())
    assert torch.equal(x, before) and x.requires_grad


@pytest.mark.parametrize("scale", [0.4, 0.7])
def test_each_title_stands_above_its_image_and_touches_no_other(scale: float) -> None:
    x, names = images(5), ["a", "b", "c", "d", "e"]
    fig = digit_grid(x, rows=2, titles=names, scale=scale)
    paper, words = drawn(fig), boxes(fig)
    assert list(words) == names
    line = round(LINE * BREADTH / scale)  # of pixels, above every row
    step = HEIGHT + GAP + line
    assert paper.shape == (line + HEIGHT + step, 3 * BREADTH + 2 * GAP)
    for k, (x0, x1, y0, y1) in enumerate(words.values()):
        top, left = line + k // 3 * step, k % 3 * (BREADTH + GAP)
        assert np.array_equal(cut(paper, top, left), x[k, 0].numpy())
        here = place(fig, top, left)
        assert (x0 + x1) / 2 == pytest.approx((here[0] + here[1]) / 2, abs=0.02)
        assert y0 >= here[3] - 0.01
        if k >= 3:
            assert y1 <= place(fig, top - step, left)[2] + 0.02
        assert inside(fig, (x0, x1, y0, y1))
    (ax,) = fig.axes
    assert {text.get_color() for text in ax.texts} == {EXACT}


@pytest.mark.parametrize("scale", [0.5, 1.5, None])
def test_an_image_is_drawn_as_wide_as_asked(scale: float | None) -> None:
    """To a twentieth: the frame around the axes is taken from the picture."""
    x = torch.zeros(6, 1, 28, 28)
    strips = [digit_strip([x[:3], x[3:]], ["row", ""], titles, scale=scale)
              for titles in (["", "", ""], ["one", "", ""])]  # fmt: skip
    for fig in (digit_grid(x, rows=2, scale=scale), *strips):
        fig.canvas.draw()
        box = fig.axes[0].images[0].get_window_extent()
        rows, columns = drawn(fig).shape
        for drawn_inches, pixels in ((box.width, columns), (box.height, rows)):
            inches = drawn_inches / fig.dpi * 28 / pixels
            assert inches == pytest.approx(scale or LARGEST, rel=0.05)


def test_many_columns_share_the_width_of_the_text() -> None:
    x = torch.zeros(28, 1, 28, 28)
    title = "a title of a row"
    for fig, room in ((digit_grid(x, rows=2), WIDTH),
                      (digit_strip([x[:14], x[14:]], [title, ""], [""] * 14),
                       WIDTH - 0.075 * len(title))):  # fmt: skip
        fig.canvas.draw()
        one = fig.axes[0].images[0].get_window_extent().width / fig.dpi
        one *= 28 / drawn(fig).shape[1]
        assert 14 * one == pytest.approx(room, rel=0.02)


def test_a_strip_is_a_table_with_a_title_left_of_each_row_and_above_each_column() -> None:
    x = images(6)
    rows, columns = ["first row", "2"], ["one", "two", "three"]
    fig = digit_strip([x[:3], x[3:]], rows, columns, scale=0.6)
    paper, words = drawn(fig), boxes(fig)
    assert paper.shape == (2 * HEIGHT + GAP, 3 * BREADTH + 2 * GAP)  # titles take no pixels
    assert sorted(words) == sorted(rows + columns)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            top, left = i * (HEIGHT + GAP), j * (BREADTH + GAP)
            assert np.array_equal(cut(paper, top, left), x[3 * i + j, 0].numpy())
            here, beside, above = place(fig, top, left), words[row], words[column]
            assert beside[1] <= place(fig, top, 0)[0]
            middle = (here[2] + here[3]) / 2
            assert (beside[2] + beside[3]) / 2 == pytest.approx(middle, abs=0.03)
            assert (above[0] + above[1]) / 2 == pytest.approx((here[0] + here[1]) / 2, abs=0.02)
            assert above[2] >= place(fig, 0, left)[3] - 0.01
    assert all(inside(fig, word) for word in words.values())
    assert {text.get_color() for text in fig.axes[0].texts} == {EXACT}


def test_a_strip_makes_room_for_titles_only_if_there_are_any() -> None:
    x = images(4)
    plain = digit_strip([x[:2], x[2:]], ["", ""], ["", ""])
    named = digit_strip([x[:2], x[2:]], ["", ""], ["", "b"])
    beside = digit_strip([x[:2], x[2:]], ["", "four"], ["", ""])
    assert named.get_figheight() - plain.get_figheight() == pytest.approx(LINE)
    assert named.get_figwidth() == plain.get_figwidth()
    assert beside.get_figwidth() - plain.get_figwidth() == pytest.approx(4 * 0.075)
    assert beside.get_figheight() == plain.get_figheight()


@pytest.mark.parametrize("rows", [0, -1, 6])
def test_rows_that_cannot_be_filled_are_refused(rows: int) -> None:
    with pytest.raises(ValueError, match=f"rows must lie in 1 … 5, .* it is {rows}"):
        digit_grid(images(5), rows=rows)


def test_a_wrong_number_of_titles_is_refused() -> None:
    with pytest.raises(ValueError, match="titles must be 3, one for each image; there are 2"):
        digit_grid(images(3), rows=1, titles=["a", "b"])
    two = [images(3), images(3)]
    with pytest.raises(ValueError, match="row_titles must be 2; there are 1"):
        digit_strip(two, ["a"], ["", "", ""])
    with pytest.raises(ValueError, match="column_titles must be 3; there are 2"):
        digit_strip(two, ["a", "b"], ["", ""])


def test_rows_of_different_length_and_none_at_all_are_refused() -> None:
    message = "rows must hold the same number of images each; they hold "
    with pytest.raises(ValueError, match=message + r"\[3, 2\]"):
        digit_strip([images(3), images(2)], ["", ""], ["", "", ""])
    with pytest.raises(ValueError, match=message + r"\[\]"):
        digit_strip([], [], [])
