"""The search of the built book, as a reader meets it."""

import checks
import pytest
import serve
import visit

pytestmark = pytest.mark.browser
ASKED = ["CFG", "ELBO", "DDIM", "U-Net", "attention", "license", "reparameterization", "score",
         "Fréchet", "FID", "rectified flow", "DPM-Solver", "guidance scale", "memorization"]


def results(seen: visit.Visit) -> list[dict]:
    """Of the hits before those in the API: where they lead, and what they say."""
    return seen.page.eval_on_selector_all(
        "#search-results > ol:first-child > li",
        "items => items.map(i => ({to: i.querySelector('a').getAttribute('href'),"
        " text: i.textContent, marked: i.querySelectorAll('mark').length}))")


@pytest.mark.parametrize("query", ASKED)
def test_a_question_leads_into_the_book(browser, site, query) -> None:
    with visit.visit(browser, f"{site}/search.html?q={query}") as seen:
        found = results(seen)
        assert found and not any("pages/api" in hit["to"] for hit in found)
        assert any("#" in hit["to"] for hit in found[:3]), "no hit lands on a section"
        assert any(hit["marked"] for hit in found[:3]), "no hit shows where it answers"
        assert not [hit["text"] for hit in found if "\\" in hit["text"]]
        for hit in found[:3]:
            page, _, anchor = hit["to"].partition("#")
            html = (serve.BUILT / page).read_text("utf8")
            assert not anchor or f'id="{anchor}"' in html


def test_the_page_of_results_is_in_order(browser, site) -> None:
    with visit.visit(browser, f"{site}/search.html?q=guidance") as seen:
        seen.rest()
        found = checks.problems(seen, (checks.sideways, checks.accessible, checks.network,
                                       checks.console, checks.weight))
        seen.resize(375)
        seen.switch(dark=True)
        found += checks.problems(seen, (checks.sideways, checks.contrast))
    assert not found, "\n".join(found)


def test_it_answers_while_the_reader_types_and_without_a_server(browser) -> None:
    with visit.visit(browser, (serve.BUILT / "search.html").as_uri()) as seen:
        assert not results(seen)
        seen.page.keyboard.type("heun step")
        seen.page.wait_for_selector("#search-results li")
        assert any("samplers" in hit["to"] for hit in results(seen)[:3])
        assert "places for “heun step”" in seen.page.inner_text("#search-status")


@pytest.mark.parametrize("width", [375, 1440])
def test_nothing_covers_what_is_typed(browser, site, width) -> None:
    """In the dialog of Ctrl+K and on the page of results."""
    covered = """(form) => {
      const icon = form.querySelector('svg').getBoundingClientRect();
      const field = form.querySelector('input');
      const start = field.getBoundingClientRect().left + parseFloat(
        getComputedStyle(field).paddingLeft);
      return {icon: icon.right, start, width: field.clientWidth};
    }"""
    with visit.visit(browser, f"{site}/index.html", width) as seen:
        seen.page.keyboard.press("Control+k")
        seen.page.keyboard.type("ELBO")
        dialog = seen.page.eval_on_selector(".search-button__wrapper.show form.bd-search", covered)
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/search.html?q=ELBO")
        page = seen.page.eval_on_selector(".bd-search-container form.bd-search", covered)
    for place in (dialog, page):
        assert place["icon"] <= place["start"] and place["width"] > 150, place
