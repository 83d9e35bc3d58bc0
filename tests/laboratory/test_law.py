"""A law in the page is a mixture of the package: its tables, draws, presets and refusals."""

import pytest
import torch
from laws import THREE, double, mixture, same

from diffusionbook.data.toy import MIXTURES, checkerboard
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.randomness import seeded

DRAW = """const law = L.law(given.law), { x, y } = law.draw(given.n, DiffusionShared.uniforms(1),
            DiffusionShared.normals(2), given.label);
          return { x, y, labels: law.labels };"""


def test_tables_hold_the_components_of_a_label(node):
    body = "const law = L.law(given); return [-1, 0, 2].map((label) => law.table(label));"
    for found, label in zip(node(body, THREE), (-1, 0, 2), strict=True):
        law = mixture(label=label)
        covs = law.covs.flatten(1)[:, [0, 1, 3]]
        same(found, torch.cat([law.weights[:, None], law.means, covs], 1), 1e-15)


@pytest.mark.parametrize("label", [-1, 0, 2])
def test_draws_have_the_law_s_moments_and_labels(node, label):
    n = 40_000
    found = node(DRAW, {"law": THREE, "n": n, "label": label})
    x, y = double(found["x"]).reshape(n, 2), torch.tensor(found["y"])
    law = mixture(label=label)
    assert found["labels"] == [0, 2]
    assert (x.mean(0) - law.mean()).abs().max() < 5 * (law.cov().diag().max() / n) ** 0.5
    assert (x.T.cov() - law.cov()).abs().max() < 0.03
    for k in (0, 2):
        share = law.weights[law.labels == k].sum()
        assert abs((y == k).double().mean() - share) <= 5 * (0.25 / n) ** 0.5 * (label < 0)
        part = mixture(label=k)
        if bool((y == k).any()):
            assert (x[y == k].mean(0) - part.mean()).abs().max() < 0.05


@pytest.mark.parametrize("name", MIXTURES)
def test_presets_are_the_package_s(node, name):
    found = double(node("return L.presets[given]();", name))
    law, wanted = mixture(found.tolist()), MIXTURES[name]()
    for ours, theirs in ((law.weights, wanted.weights), (law.means, wanted.means),
                         (law.covs, wanted.covs)):  # fmt: skip
        same(ours.tolist(), theirs, 1e-12)
    labels = {"spiral": torch.arange(200) // 100, "ring": wanted.labels % 3}
    assert torch.equal(law.labels, labels.get(name, wanted.labels))


def test_the_checkerboard_is_one_but_for_its_edges(node):
    found = node("return L.presets.checkerboard();")
    law, n = mixture(found), 4000
    board = [checkerboard(n, seeded(k)) for k in range(4)]
    same(law.mean().tolist(), double([0, 0]))
    same(law.cov().tolist(), (1.25 + 1 / 12) * torch.eye(2).double() + double([[0, 1], [1, 0]]) / 4)
    floor = torch.stack([sliced_w2(board[0], one, seeded(9)) for one in board[1:]]).mean()
    assert sliced_w2(board[0], law.sample(n, seeded(5)), seeded(9)) < 1.5 * floor
    assert torch.equal(law.labels, (law.means[:, 1] > 0).long())


REFUSED = [
    ([], "components must be a list of 1 to 400; it is 0"),
    (None, "components must be a list of 1 to 400; it is null"),
    ([THREE[0]] * 401, "components must be a list of 1 to 400; it is 401"),
    ([[1, 2]], "component 0 must be seven numbers: weight, x, y, xx, xy, yy, label; it is [1,2]"),
    *(([THREE[0], [w, *THREE[1][1:]]],
       f"component 1: weight must be positive and finite; it is {w}") for w in (0, -1)),
    ([[1, None, 0, 1, 0, 1, 0]], "component 0: mean x must be a number; it is null"),
    ([[1, 0, "0", 1, 0, 1, 0]], 'component 0: mean y must be a number; it is "0"'),
    *(([[1, 0, 0, *cov, 0]],
       f"component 0: covariance must be positive definite; it is [{','.join(map(str, cov))}]")
      for cov in ([0, 0, 1], [1, 1, 1], [1, 2, 1], [-1, 0, -1])),
    *(([[1, 0, 0, 1, 0, 1, label]],
       f"component 0: label must be a whole number from 0 to 2; it is {label}")
      for label in (3, -1, 0.5)),
    ([[1e308, 0, 0, 1, 0, 1, 0]] * 2, "components: sum of weights must be finite; it is Infinity"),
]


def test_a_law_that_is_none_is_refused_by_name(node):
    body = """return given.map((law) => {
                try { L.law(law); } catch (error) { return error.message; } });"""
    assert node(body, [law for law, _ in REFUSED]) == [why for _, why in REFUSED]


def test_what_json_cannot_hold_is_refused_too(node):
    body = """return [[NaN, 0, 0, 1, 0, 1], [Infinity, 0, 0, 1, 0, 1], [1, 0, 0, NaN, 0, 1],
                      [1, 0, 0, 1e200, 0, 1e200], [1, -Infinity, 0, 1, 0, 1]].map((row) => {
                try { L.law([[...row, 0]]); } catch (error) { return error.message; } });"""
    found = node(body)
    assert [text.partition(" must")[0] for text in found] == [
        f"component 0: {name}" for name in ("weight", "weight", "covariance", "covariance",
                                            "mean x")]  # fmt: skip


def test_a_label_of_no_component_is_refused(node):
    body = "try { L.law(given).table(1); } catch (error) { return error.message; }"
    assert node(body, THREE) == "label must be one of -1, 0, 2; it is 1"
