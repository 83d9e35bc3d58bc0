"""What an installed copy of the package holds: every file that the modules load."""

import tomllib
from pathlib import Path, PurePath

import diffusionbook

PACKAGE = Path(diffusionbook.__file__).parent
PROJECT = PACKAGE.parents[1] / "pyproject.toml"


def test_every_file_beside_the_modules_is_package_data() -> None:
    patterns = tomllib.loads(PROJECT.read_text("utf8"))["tool"]["setuptools"]["package-data"]
    files = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*")
             if path.is_file() and path.suffix not in (".py", ".pyc")]  # fmt: skip
    assert len(files) > 20
    shipped = {file for pattern in patterns["diffusionbook"] for file in files
               if file.parent == PurePath(pattern).parent and file.match(pattern)}  # fmt: skip
    assert set(files) - shipped == set()
    for pattern in patterns["diffusionbook"]:
        assert any(file.match(pattern) for file in shipped), f"{pattern} matches nothing"
