"""What installing the package would change in Colab: ``python tests/tools/colab.py``.

Colab has most of the libraries in memory before a notebook's first cell runs. One that is too old
for ``pyproject.toml`` is replaced on the disk, and the reader must restart the session. So bounds
are no narrower than they must be, and this compares them with what Colab holds by ``colab.toml``,
or, with ``--newest``, by the list that Google publishes; ``--keep`` also writes that to the file.

It ends with 1 if a library would be replaced, and with 2 if there is no list to compare with.
"""

import argparse
import datetime
import re
import sys
import tomllib
import urllib.request
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

STORED = Path(__file__).with_suffix(".toml")
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SOURCE = "https://raw.githubusercontent.com/googlecolab/backend-info/main/pip-freeze.txt"
LINE = re.compile(r"([\w.-]+) *(?:==|@ .*/\1-)([^\s-]+)")  # a release, or a wheel's address
FILE = """\
# What a session in Colab without a GPU holds of the libraries that the package needs.
# Written by tests/tools/colab.py --keep.
source = "{source}"
date = {date}

[held]
"""


def needed(project: str) -> list[Requirement]:
    """What the package needs, from the text of ``pyproject.toml``."""
    return [Requirement(line) for line in tomllib.loads(project)["project"]["dependencies"]]


def held(freeze: str, wanted: list[Requirement]) -> dict[str, str]:
    """Versions that a list made by ``pip freeze`` has of the wanted libraries.

    Raises:
        ValueError: it has none of them, or a line whose version cannot be read.
    """
    names = {canonicalize_name(r.name) for r in wanted}
    found = {}
    for line in freeze.splitlines():
        name = canonicalize_name(re.split(r"[ =@]", line, maxsplit=1)[0])
        if name not in names:
            continue
        if not (match := LINE.match(line)):
            raise ValueError(f"freeze has no version in its line {line!r}")
        try:
            found[name] = str(Version(match[2].replace("%2B", "+")))
        except InvalidVersion:
            raise ValueError(f"freeze has no version in its line {line!r}") from None
    if not found:
        raise ValueError(f"freeze has none of {', '.join(sorted(names))}; it begins "
                         f"{freeze[:60]!r}")
    return dict(sorted(found.items()))


def replaced(wanted: list[Requirement], found: dict[str, str]) -> list[str]:
    """Libraries that Colab holds in a version that the package does not take."""
    pairs = [(r, found.get(canonicalize_name(r.name))) for r in wanted]
    return [f"{r.name} {version} is outside {r.specifier}: it would be replaced, and the session "
            "restarted" for r, version in pairs if version and not r.specifier.contains(version)]


def added(wanted: list[Requirement], found: dict[str, str]) -> list[str]:
    names = [r.name for r in wanted if canonicalize_name(r.name) not in found]
    return [f"{name} is not there: it would be added" for name in names]


def fetched(source: str) -> str:
    with urllib.request.urlopen(source, timeout=60) as answer:
        return answer.read().decode("utf-8")


def as_toml(found: dict[str, str], date: datetime.date) -> str:
    rows = "".join(f'{name} = "{version}"\n' for name, version in found.items())
    return FILE.format(source=SOURCE, date=date.isoformat()) + rows


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="what the install would change in Colab")
    parser.add_argument("--newest", action="store_true", help="ask for the list of today")
    parser.add_argument("--keep", action="store_true", help="and write it to colab.toml")
    options = parser.parse_args(arguments)
    wanted = needed(PROJECT.read_text("utf-8"))
    stored = tomllib.loads(STORED.read_text("utf-8"))
    found, date = stored["held"], stored["date"]
    if options.newest or options.keep:
        try:
            found = held(fetched(SOURCE), wanted)
        except (OSError, ValueError) as error:
            print(f"no list from {SOURCE}: {error}", file=sys.stderr)
            return 2
        date = datetime.date.today()
        for name in sorted({*found, *stored["held"]}):
            was, now = stored["held"].get(name, "not there"), found.get(name, "not there")
            if was != now:
                print(f"{name} was {was} on {stored['date']} and is {now}")
        if options.keep:
            STORED.write_text(as_toml(found, date), "utf-8")
    too_old = replaced(wanted, found)
    print("\n".join([*too_old, *added(wanted, found)]))
    print(f"In Colab as of {date}, installing the package would replace "
          f"{len(too_old) or 'none'} of the {len(found)} libraries that are there.")
    return 1 if too_old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
