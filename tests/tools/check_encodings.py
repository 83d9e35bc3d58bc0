"""``make lint``: Python names the encoding of each text file; a system's own may not be UTF-8."""

import ast
import sys
from pathlib import Path

FOLDERS = ("code", "book/_ext", "tests")
PLACES = {"read_text": 0, "write_text": 1, "open": 3}  # of the encoding among the arguments


def not_named(source: str) -> list[int]:
    """Lines that read or write a text file in whatever encoding the system prefers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        if name not in PLACES or (name == "open" and not isinstance(node.func, ast.Name)):
            continue
        binary = name == "open" and any(isinstance(a, ast.Constant) and "b" in str(a.value)
                                        for a in node.args[1:2])
        named = len(node.args) > PLACES[name] or any(k.arg == "encoding" for k in node.keywords)
        if not (named or binary):
            found.append(node.lineno)
    return sorted(found)


if __name__ == "__main__":
    problems = [f"{path.as_posix()}:{line}: name the encoding, utf-8"
                for folder in FOLDERS for path in sorted(Path(folder).rglob("*.py"))
                for line in not_named(path.read_text("utf-8"))]
    print("\n".join(problems) if problems else "encodings: each is named")
    sys.exit(1 if problems else 0)
