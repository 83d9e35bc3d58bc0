"""The cheat sheet: two pages of paper, and nothing cut off."""

import re

import pytest
import visit

pytestmark = pytest.mark.browser
MARGIN = 2  # px that a formula may reach into the gap between the columns


def test_it_prints_on_two_pages(browser, site) -> None:
    with visit.visit(browser, f"{site}/book/pages/cheat-sheet.html", 794) as seen:
        seen.page.emulate_media(media="print")
        paper = seen.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 2


@pytest.mark.parametrize("width", [375, 768, 1440])
def test_every_formula_fits_its_column(browser, site, width) -> None:
    with visit.visit(browser, f"{site}/book/pages/cheat-sheet.html", width) as seen:
        wide = seen.page.eval_on_selector_all(
            ".sheet .formula", "boxes => boxes.filter(box => [...box.querySelectorAll("
            f"'mjx-container[display=true] > mjx-math')].some(math => math.offsetWidth > "
            f"box.offsetWidth + {MARGIN})).map(box => box.innerText.slice(0, 60))")
        assert seen.page.locator(".sheet .formula").count() > 30
    assert not wide, wide
