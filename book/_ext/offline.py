"""Zip the built book into one file to read without a network: ``make offline``. Python is enough.

The same pages give the same file, byte for byte.
"""

import sys
import zipfile
from pathlib import Path

NAME = "learning-diffusion-models"
LEFT_OUT = {".buildinfo", ".doctrees", ".nojekyll", "sitemap.xml", "robots.txt", f"{NAME}.zip"}
DATE = (2000, 1, 1, 0, 0, 0)  # a file's own date would change the zip


def write(site: Path, target: Path) -> int:
    """Zip a site into one folder; how many files it has."""
    files = [path for path in sorted(site.rglob("*"))
             if path.is_file() and path.relative_to(site).parts[0] not in LEFT_OUT]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in files:
            name = zipfile.ZipInfo(f"{NAME}/{path.relative_to(site).as_posix()}", DATE)
            name.compress_type, name.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(name, path.read_bytes())
    return len(files)


def main(site: Path) -> int:
    if not (site / "index.html").is_file():
        print(f"there is no built book in {site}: run `make book` first", file=sys.stderr)
        return 1
    target = site.resolve().parent / f"{NAME}.zip"
    count = write(site, target)
    print(f"{count} files, {target.stat().st_size / 1e6:.0f} MB. Unpack it and open index.html.")
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html")))
