"""One setting says where the book lives; another repository's build has no address of this one."""

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from sphinx.errors import ConfigError

from bookext.book import Book
from bookext.site import repository
from bookext.site.repository import Repository

ROOT = Path(__file__).resolve().parents[3]
OURS, SITE = repository.settings(ROOT)
OF_A_REPOSITORY = re.compile(r"(?:github\.com|research\.google\.com/github)/([\w-]+/[\w.-]*[\w-])")
SAID_IN = ("README.md", "CITATION.cff", "pyproject.toml", ".github/ISSUE_TEMPLATE/config.yml",
           "index.md", "book/pages/changes.md", "book/pages/contributing.md", "book/pages/run.md")


@pytest.mark.parametrize("url", ["https://github.com/a-b/c.d", "https://github.com/a-b/c.d/",
                                 "https://github.com/a-b/c.d.git"])
def test_all_follows_from_the_address(url) -> None:
    held = repository.at(url)
    assert held == Repository("a-b", "c.d") and held.url == "https://github.com/a-b/c.d"
    assert held.site == "https://a-b.github.io/c.d/"
    assert held.requirement == "diffusionbook @ git+https://github.com/a-b/c.d"
    assert held.colab("pages", "x.ipynb") == (
        "https://colab.research.google.com/github/a-b/c.d/blob/pages/x.ipynb")
    assert Repository("A", "a.github.io").site == "https://a.github.io/"


@pytest.mark.parametrize("url", ["", None, "a/b", "https://example.org/a/b", "https://github.com/a",
                                 "https://github.com/a/b/c", "https://github.com/-a/b",
                                 "https://github.com/a/b c"])
def test_what_is_no_address_is_refused_by_name(url) -> None:
    with pytest.raises(ConfigError, match=r"repository\.url in _config\.yml is .*OWNER/NAME"):
        repository.at(url)


def test_the_environment_overrides_it(monkeypatch) -> None:
    for said, held in (("some-one/else.1", Repository("some-one", "else.1")), ("", OURS)):
        monkeypatch.setenv("GITHUB_REPOSITORY", said)
        assert repository.in_force(OURS) == held
    for said in ("else", "a/b/c", "https://github.com/a/b", "a/", "/b", "a b/c", "a/b.", "a/b\n"):
        monkeypatch.setenv("GITHUB_REPOSITORY", said)
        with pytest.raises(ConfigError, match="GITHUB_REPOSITORY is .*OWNER/NAME"):
            repository.in_force(OURS)


def settled(monkeypatch, **told):
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/else")
    config = SimpleNamespace(**{"html_baseurl": "", "ogp_site_url": "", **told},
                             html_theme_options={"repository_url": "https://github.com/a/b"})
    repository.settle(None, config)
    return config


def test_addresses_in_a_text_move(monkeypatch) -> None:
    config = settled(monkeypatch)
    assert config.html_baseurl == config.ogp_site_url == "https://someone.github.io/else/"
    assert config.html_theme_options["repository_url"] == "https://github.com/someone/else"
    text = "[x](https://github.com/a/b/issues), https://a.github.io/b/c.html, https://github.com/a"
    assert repository.moved(config, text) == (
        "[x](https://github.com/someone/else/issues), https://someone.github.io/else/c.html, "
        "https://github.com/a")


def test_a_domain_of_ones_own_stays(monkeypatch) -> None:
    config = settled(monkeypatch, html_baseurl="https://example.org/book")
    assert config.html_baseurl == config.ogp_site_url == "https://example.org/book/"
    assert repository.moved(config, "https://example.org/book/x") == "https://example.org/book/x"
    config = settled(monkeypatch, ogp_site_url="https://example.org/shared/")
    assert config.ogp_site_url == "https://example.org/shared/"


def says_it(path: Path) -> bool:
    text = path.read_text("utf-8")
    return OURS.url in text or SITE in text


def strangers(text: str) -> set[str]:
    """Repositories under the setting's owner or name that are not the setting."""
    found = {name.removesuffix(".git") for name in OF_A_REPOSITORY.findall(text)}
    ours = f"{OURS.owner}/{OURS.name}"
    sites = set(re.findall(r"https://[\w-]+\.github\.io/[\w-]+/", text))
    return {name for name in found - {ours} if {OURS.owner, OURS.name} & set(name.split("/"))} | {
        site for site in sites - {SITE} if OURS.name in site or OURS.owner in site}


@pytest.mark.parametrize("name", SAID_IN)
def test_every_file_that_says_the_address_says_the_setting(name) -> None:
    assert says_it(ROOT / name) and not strangers((ROOT / name).read_text("utf-8"))


def test_another_address_is_seen() -> None:
    other = f"https://github.com/other/{OURS.name}/issues and https://other.github.io/{OURS.name}/"
    assert len(strangers(other)) == 2


def test_what_tools_read_says_the_setting() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert (cited["repository-code"], cited["url"]) == (OURS.url, SITE)
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    assert urls == {"Book": SITE, "Repository": OURS.url}


def test_no_cell_and_no_other_source_says_it() -> None:
    """A cell would be stale in another repository, for its text is part of its key."""
    book = Book(ROOT)
    saying = {path.relative_to(ROOT).as_posix()
              for folder in (ROOT, ROOT / "book", book.code, ROOT / ".binder", ROOT / ".github")
              for path in (folder.glob("*.*") if folder == ROOT else folder.rglob("*.*"))
              if path.suffix in (".md", ".py", ".toml", ".yml", ".cff", ".txt", ".js")
              and not {"_ext", "vendor", "_outputs"} & set(path.parts)
              and says_it(path)}
    generated = {"book/pages/verified-equations.md"}
    assert saying - generated == {*SAID_IN, "_config.yml"}
    assert not {f"{name}.md" for name in book.chapters()} & saying


INDEX = """# Miniature

[Issues](https://github.com/example/mini/issues), [site](https://example.github.io/mini/).

```text
git clone https://github.com/example/mini
```
"""
CITED = """title: Mini
authors: [{name: Nobody}]
version: 1
date-released: 2026-01-01
url: https://example.github.io/mini/
"""


def texts(book: Book) -> dict[str, str]:
    """Pages, notebooks, maps and scripts of the built site; sources are as the repository has
    them."""
    html = book.root / "_build" / "html"
    return {path.relative_to(html).as_posix(): path.read_text("utf-8")
            for path in html.rglob("*.*")
            if path.suffix in (".html", ".ipynb", ".xml", ".txt", ".js") and "vendor" not in
            path.parts and not path.name.endswith(".md.txt")}


@pytest.mark.slow
def test_a_copy_of_the_repository_leads_to_the_copy(built) -> None:
    (built.root / "book" / "index.md").write_text(f"{INDEX}\n```{{bibtex}}\n```\n", "utf-8")
    (built.root / "CITATION.cff").write_text(CITED, "utf-8")
    for said, ours, theirs in (("", "example", "someone"), ("someone/else", "someone", "example")):
        done = built.build(GITHUB_REPOSITORY=said)
        assert done.returncode == 0, done.stdout + done.stderr
        found = texts(built)
        traces = {name for name, text in found.items()
                  if re.search(rf"{theirs}\.github\.io|\b{theirs}/(?:mini|else)\b", text)}
        assert not traces
        told = {name for name, text in found.items() if f"https://{ours}.github.io/" in text}
        assert {"book/index.html", "404.html", "sitemap.xml", "robots.txt",
                "_sources/book/chapters/one.ipynb"} <= told
    notebook = found["_sources/book/chapters/one.ipynb"]
    assert "git+https://github.com/someone/else" in notebook
    assert "git clone https://github.com/someone/else" in found["book/index.html"]
    done = built.build(GITHUB_REPOSITORY="someone")
    assert done.returncode != 0
    assert "GITHUB_REPOSITORY is 'someone'; it must be OWNER/NAME" in done.stdout + done.stderr
