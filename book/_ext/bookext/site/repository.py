"""Where the repository lives: one setting, and every address that follows from it.

The setting is ``repository.url`` in ``_config.yml``. GITHUB_REPOSITORY, which a workflow on GitHub
sets to OWNER/NAME, overrides it while the book is built, so that a copy of the repository publishes
pages that lead to the copy. The site is GitHub's for that repository, unless ``html.baseurl`` names
a domain of one's own.

Sources that say an address say the setting's; where another holds, it takes its place.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from sphinx.errors import ConfigError

HOST = "https://github.com/"
VARIABLE = "GITHUB_REPOSITORY"
SETTING = "repository.url in _config.yml"
PARTS = re.compile(r"([A-Za-z\d](?:[A-Za-z\d-]*[A-Za-z\d])?)/([\w.-]*[\w-])")


@dataclass(frozen=True)
class Repository:
    owner: str
    name: str

    @property
    def url(self) -> str:
        return f"{HOST}{self.owner}/{self.name}"

    @property
    def site(self) -> str:
        """Where GitHub publishes its pages."""
        own = f"{self.owner.lower()}.github.io"
        return f"https://{own}/" if self.name.lower() == own else f"https://{own}/{self.name}/"

    @property
    def requirement(self) -> str:
        """What pip installs the package from."""
        return f"diffusionbook @ git+{self.url}"

    def colab(self, branch: str, path: str) -> str:
        return (f"https://colab.research.google.com/github/{self.owner}/{self.name}/blob/"
                f"{branch}/{path}")


def at(url: str) -> Repository:
    """The repository with this address.

    Raises:
        ConfigError: it is no address of a repository on GitHub.
    """
    rest = str(url or "").removeprefix(HOST).removesuffix("/").removesuffix(".git")
    if not str(url or "").startswith(HOST) or not (found := PARTS.fullmatch(rest)):
        raise ConfigError(f"{SETTING} is {url!r}; it must be {HOST}OWNER/NAME")
    return Repository(*found.groups())


def in_force(setting: Repository) -> Repository:
    """The setting, or what the environment says instead.

    Raises:
        ConfigError: the environment says no OWNER/NAME.
    """
    said = os.environ.get(VARIABLE)
    if not said:
        return setting
    if not (found := PARTS.fullmatch(said)):
        raise ConfigError(f"{VARIABLE} is {said!r}; it must be OWNER/NAME")
    return Repository(*found.groups())


def site(repository: Repository, baseurl: str) -> str:
    """The domain that someone set for the book; else GitHub's."""
    return f"{baseurl.rstrip('/')}/" if baseurl else repository.site


def settings(root: Path) -> tuple[Repository, str]:
    """The repository and the site that the book's configuration names, whatever is in force."""
    told = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    repository = at(told.get("repository", {}).get("url", ""))
    return repository, site(repository, told.get("html", {}).get("baseurl", ""))


def of(app) -> Repository:
    """The repository to which the pages that are being built lead."""
    return at(app.config.html_theme_options.get("repository_url", ""))


def moved(config, text: str) -> str:
    """A text whose addresses of the setting are those in force."""
    for written, held in config.bookext_moved:
        text = text.replace(written, held)
    return text


def settle(app, config) -> None:
    """Before anything asks for an address."""
    setting = at(config.html_theme_options.get("repository_url", ""))
    held = in_force(setting)
    written = site(setting, config.html_baseurl)
    config.html_baseurl = site(held, config.html_baseurl)
    config.ogp_site_url = getattr(config, "ogp_site_url", "") or config.html_baseurl
    config.html_theme_options["repository_url"] = held.url
    pairs = [(setting.url, held.url), (written, config.html_baseurl)]
    config.bookext_moved = [pair for pair in pairs if pair[0] != pair[1]]


def read(app, docname: str, source: list[str]) -> None:
    source[0] = moved(app.config, source[0])


def setup(app):
    app.add_config_value("bookext_moved", [], "env")  # a page holds the addresses it was read with
    app.connect("config-inited", settle, priority=50)
    app.connect("source-read", read)
