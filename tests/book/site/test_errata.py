"""The form of errata, and the links that fill it."""

from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import yaml

from bookext.site import errata

ROOT = Path(__file__).resolve().parents[3]
FIELDS = {"input", "textarea", "dropdown", "checkboxes"}
APP = SimpleNamespace(srcdir=ROOT, config=SimpleNamespace(
    html_title="A & B", html_baseurl="https://a.github.io/b/", root_doc="index",
    html_theme_options={"repository_url": "https://github.com/a/b"}))


def form() -> dict:
    return yaml.safe_load((ROOT / errata.FORM).read_text("utf-8"))


def test_the_form_asks_for_what_is_needed() -> None:
    told = form()
    assert all(told[key] for key in ("name", "description", "title", "body"))
    fields = [part for part in told["body"] if part["type"] in FIELDS]
    names = [field["id"] for field in fields]
    assert names == ["page", "version", "says", "should", "cell", "name"]
    assert all(field["attributes"]["label"] for field in fields)
    assert {field["id"] for field in fields if field.get("validations", {}).get("required")} == {
        "page", "says"}


def test_a_link_fills_fields_of_the_form() -> None:
    address = urlsplit(errata.form(APP, "book/one", "Rates & (bounds)"))
    assert f"{address.netloc}{address.path}" == "github.com/a/b/issues/new"
    filled = {key: value for key, (value,) in parse_qs(address.query).items()}
    assert filled.pop("template") == Path(errata.FORM).name
    assert set(filled) <= {part["id"] for part in form()["body"]}
    assert filled["page"] == "Rates & (bounds) (https://a.github.io/b/book/one.html)"
    assert filled["version"] == "0.1.0"
    assert not set("() ") & set(address.query)  # it stands in Markdown, too


def test_the_button_and_the_foot_of_a_page_lead_there() -> None:
    button = {"label": errata.BUTTON, "url": "elsewhere", "text": "Open issue"}
    other = {"label": "other", "url": "same"}
    context = {"title": "One <em>word</em>", "theme_extra_footer": "<p>Licence</p>",
               "header_buttons": [{"type": "group", "buttons": [button, other]}, {"type": "link"}]}
    errata.offer(APP, "one", "page.html", context, None)
    assert button["url"] == errata.form(APP, "one", "One word") and other["url"] == "same"
    assert button["text"] == errata.WORDS
    foot = context["theme_extra_footer"]
    assert foot.startswith("<p>Licence</p>") and "&amp;version=" in foot
    untitled = {"header_buttons": []}
    errata.offer(APP, "search", "page.html", untitled, None)
    assert "page=A%20%26%20B" in untitled["theme_extra_footer"]
