"""Show the built book on this machine: ``make serve``. It needs Python alone."""

import errno
import functools
import http.server
import sys
from pathlib import Path

FIRST, TRIED = 8000, 20


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Files of one folder; only what goes wrong is told."""

    def log_request(self, code="-", size="-") -> None:
        if str(code)[:1] in "45":
            super().log_request(code, size)


def server(folder: Path, port: int | None) -> http.server.ThreadingHTTPServer:
    """A server at this port, or without one at the first free port from 8000.

    Raises:
        OSError: the port is taken or not allowed; without one, so are twenty.
    """
    handler = functools.partial(Quiet, directory=folder)
    ports = range(FIRST, FIRST + TRIED) if port is None else [port]
    for number in ports:
        try:
            return http.server.ThreadingHTTPServer(("127.0.0.1", number), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or number == ports[-1]:
                raise
    raise AssertionError("there is no port to try")


def main(arguments: list[str]) -> int:
    """Serve until it is interrupted; 2 after a mistake, which one line explains."""
    folder, port = Path(arguments[0]), "".join(arguments[1:])
    if not (folder / "index.html").is_file():
        print("there is no book yet; build it first: make book", file=sys.stderr)
        return 2
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        print(f"PORT must be a whole number from 1 to 65535; it is {port}", file=sys.stderr)
        return 2
    try:
        with server(folder, int(port) if port else None) as books:
            print(f"http://127.0.0.1:{books.server_port} shows the book; Ctrl-C ends it",
                  flush=True)
            books.serve_forever()
    except OSError as error:
        tried = port or f"{FIRST} to {FIRST + TRIED - 1}"
        print(f"port {tried}: {error.strerror}; choose another: make serve PORT=8080",
              file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
