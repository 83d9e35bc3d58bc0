"""What listings show in the place of roles."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from bookext.site import code_roles

ENV = SimpleNamespace(toc_fignumbers={"one": {"displaymath": {"equation-eq-a": (4, 2)}},
                                      "two": {"displaymath": {"equation-eq-b": ("S", 1)}}})


@pytest.mark.parametrize(("code", "shown"), [
    ("The step (:eq:`eq-a`).", "The step (4.2)."),
    ("Implements :eq:`eq-b`. Then", "Implements (S.1). Then"),
    ("(Heun's, :eq:`eq-b`)", "(Heun's, (S.1))"),
    ("(:eq:`eq-a`, once)", "((4.2), once)"),
    ("as :func:`~diffusionbook.training.loop.fit` takes it", "as fit takes it"),
    ("a :class:`Record` now", "a Record now"),
    ("(:func:`fit`)", "(fit)"),
    ("``x`` and `y`, a[:eq]", "``x`` and `y`, a[:eq]"),
])
def test_roles_become_what_they_point_to(code: str, shown: str) -> None:
    assert code_roles.resolved(code, ENV) == shown


def test_a_listing_stays_highlighted() -> None:
    """Sphinx colours only blocks whose text is their source."""
    document = new_document("page")
    document += nodes.literal_block("(:eq:`eq-a`)", "(:eq:`eq-a`)")
    document += nodes.literal_block("x = 1", "x = 1")
    code_roles.show(SimpleNamespace(env=ENV), document, "one")
    assert [(block.rawsource, block.astext()) for block in document.children] == [
        ("(4.2)", "(4.2)"), ("x = 1", "x = 1")]
