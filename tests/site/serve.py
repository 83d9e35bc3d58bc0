"""A folder of HTML on localhost."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BUILT = Path(os.environ.get("BOOK_HTML") or Path(__file__).parents[2] / "_build" / "html")


class _Handler(SimpleHTTPRequestHandler):
    """Serves the folder below a prefix; what asks for anything above the prefix gets a 404."""

    def __init__(self, *args, prefix: str, **options) -> None:
        self.prefix = prefix
        super().__init__(*args, **options)

    def translate_path(self, path: str) -> str:
        if path != self.prefix and not path.startswith(self.prefix + "/"):
            return str(Path(self.directory, "outside-the-site"))
        return super().translate_path(path.removeprefix(self.prefix) or "/")

    def log_message(self, *args) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """A browser that leaves a page while it loads is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serve(folder: Path, prefix: str = "site") -> Iterator[str]:
    """Serve a folder on a free port of 127.0.0.1; gives its address, without a slash."""
    handler = partial(_Handler, directory=str(folder), prefix=f"/{prefix}")
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/{prefix}"
        finally:
            server.shutdown()


def pages(folder: Path) -> list[str]:
    """Every page of a built site, by its path inside it; no parts of the theme, no redirects."""
    own = (p for p in folder.rglob("*.html") if p.relative_to(folder).parts[0][0] != "_")
    return sorted(p.relative_to(folder).as_posix() for p in own if not redirects(p))


def redirects(path: Path) -> bool:
    return 'http-equiv="refresh"' in path.read_text("utf8").lower()
