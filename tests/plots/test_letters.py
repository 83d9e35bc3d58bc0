"""Points lie in the letters and nowhere else, and leaves are where their states end."""

import pytest
import torch

from diffusionbook.plots import canvas, leaves, word
from diffusionbook.randomness import randn, seeded


def test_the_hole_of_an_o_is_empty_and_the_ring_around_it_is_not() -> None:
    x = word("O", 4_000, seeded(0), width=2.0)
    assert x.shape == (4_000, 2) and x.dtype == torch.float64
    assert x.norm(dim=1).min() > 0.3
    turn = torch.atan2(x[:, 1], x[:, 0])
    # an eighth holds an eighth of the ink or so: 500, 21 at one standard deviation
    assert torch.histc(turn, 8, -torch.pi, torch.pi).min() > 300


def test_a_full_stop_is_full() -> None:
    x = word(".", 4_000, seeded(1), width=2.0)
    assert (x.norm(dim=1) < 0.3).sum() > 100


def test_a_text_is_centred_as_wide_as_asked_and_reads_from_the_left() -> None:
    x = word("FLOW", 8_000, seeded(2), width=5.0)
    # the extreme one of 8,000 points misses the edge of the ink by a hundredth or two
    assert x[:, 0].min() == pytest.approx(-2.5, abs=0.03)
    assert x[:, 0].max() == pytest.approx(2.5, abs=0.03)
    assert float(x[:, 1].max() + x[:, 1].min()) == pytest.approx(0, abs=0.03)
    first = word("I.", 4_000, seeded(3))
    left, right = first[first[:, 0] < 0], first[first[:, 0] > 0]
    assert left[:, 1].max() > 1 and right[:, 1].max() < 0


def test_one_generator_makes_one_set_of_points() -> None:
    assert torch.equal(word("AB", 50, seeded(4)), word("AB", 50, seeded(4)))
    assert not torch.equal(word("AB", 50, seeded(4)), word("AB", 50, seeded(5)))


@pytest.mark.parametrize("arguments", [("", 5), (" ", 5), ("A", 0)])
def test_what_has_no_points_is_refused(arguments) -> None:
    with pytest.raises(ValueError, match="^(text|n) must"):
        word(*arguments, seeded(0))
    with pytest.raises(ValueError, match="width"):
        word("A", 5, seeded(0), width=0.0)


def test_leaves_lie_where_the_states_end_and_trails_where_they_were() -> None:
    states = randn((4, 20, 2), seeded(6))
    _, (ax,) = canvas()
    leaves(ax, states, share=0.5, window=(3.0, 2.0), trails=5)
    lying = torch.cat([torch.as_tensor(part.get_offsets().data) for part in ax.collections])
    assert sorted(lying.flatten().tolist()) == pytest.approx(
        sorted(states[-1].flatten().tolist()))
    assert torch.cdist(lying, states[-1]).min(1).values.max() < 1e-12
    assert len(ax.lines) == 5
    assert ax.lines[2].get_xydata() == pytest.approx(states[:, 2].numpy())
    assert ax.get_xlim() == (-3, 3) and ax.get_ylim() == (-2, 2)


def test_leaves_change_from_the_colour_of_noise_to_that_of_data() -> None:
    from matplotlib.colors import to_rgba

    from diffusionbook.plots import COLOURS

    for share, meaning in ((0.0, "noise"), (1.0, "data")):
        _, (ax,) = canvas()
        leaves(ax, randn((1, 6, 2), seeded(7)), share=share, window=(3.0, 2.0))
        colour = ax.collections[0].get_facecolor()[0]
        assert colour[:3] == pytest.approx(to_rgba(COLOURS[meaning])[:3])
    with pytest.raises(ValueError, match="share"):
        leaves(ax, randn((1, 6, 2), seeded(7)), share=1.5, window=(3.0, 2.0))
    with pytest.raises(ValueError, match="window"):
        leaves(ax, randn((1, 6, 2), seeded(7)), share=1.0, window=(3.0, 0.0))
