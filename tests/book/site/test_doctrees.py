"""The nodes of a page belong to the page."""

from types import SimpleNamespace

from docutils import nodes
from docutils.utils import new_document

from bookext.site.doctrees import own


def test_a_block_that_was_parsed_as_a_document_of_its_own_becomes_the_pages() -> None:
    page, block = new_document("page"), new_document("block")
    inner = nodes.paragraph("", "a function")
    inner.document = block  # as a parser leaves it
    block += nodes.section("", inner)
    page += nodes.paragraph("", "above")
    page.extend(block.children)
    assert inner.document is block
    own(SimpleNamespace(), page)
    assert all(node.document is page for node in page.findall())
