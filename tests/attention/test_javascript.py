"""What the page's script makes of bytes, places and keys."""

import base64

import numpy as np
import pytest

SIDE = 3


def test_shares_are_those_of_the_time_and_of_the_patch(node) -> None:
    maps = np.random.default_rng(0).integers(1, 256, (2, 9, 9), dtype=np.uint8)
    found = node("const maps = A.bytes(given); return [0, 1].map((k) => "
                 "Array.from({ length: 9 }, (_, i) => A.shares(maps, 9, k, i)));",
                 base64.b64encode(maps.tobytes()).decode())
    np.testing.assert_allclose(found, maps / maps.sum(2, keepdims=True, dtype=float), rtol=1e-12)


@pytest.mark.parametrize(("patch", "wanted"), [
    (0, [1, 3, 4]), (1, [0, 2, 3, 4, 5]), (4, [0, 1, 2, 3, 5, 6, 7, 8]), (5, [1, 2, 4, 7, 8]),
    (6, [3, 4, 7]),
])
def test_neighbours_touch_and_do_not_go_round_the_edge(node, patch, wanted) -> None:
    assert node("return A.neighbours(3, given);", patch) == wanted


@pytest.mark.parametrize(("patch", "key", "wanted"), [
    (4, "ArrowLeft", 3), (4, "ArrowRight", 5), (4, "ArrowUp", 1), (4, "ArrowDown", 7),
    (3, "ArrowLeft", 3), (5, "ArrowRight", 5), (1, "ArrowUp", 1), (7, "ArrowDown", 7),
    (4, "Home", 3), (4, "End", 5), (4, "PageUp", 1), (4, "PageDown", 7), (4, "x", None),
])
def test_keys_lead_to_patches_and_stop_at_the_edge(node, patch, key, wanted) -> None:
    assert node("return A.moved(3, ...given) ?? null;", [patch, key]) == wanted


def test_a_place_outside_is_the_nearest_patch(node) -> None:
    given = [[-2, 1], [5, 5], [1, -1], [2, 0]]
    assert node("return given.map((at) => A.place(3, ...at));", given) == [1, 8, 3, 6]


def test_words_tell_place_and_shares(node) -> None:
    shares = [0.5, 0.1, 0.01, 0.125, 0.115, 0, 0, 0, 0.15]
    assert node("return A.words(3, 0, given);", shares) == (
        "Row 1, column 1: 50\u00a0% of its attention on itself, 34\u00a0% on its 3 neighbours")
