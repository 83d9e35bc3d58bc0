"""What a command says, in one line, whatever the terminal can show."""

import codecs
import unicodedata

PLAIN = {"±": "+-", "…": "...", "×": "x", "−": "-", "–": "-", "—": "-", "’": "'", "→": "->"}
NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


def any_encoding(*streams) -> None:
    """Let ``streams`` write what their encoding lacks in plain letters instead of failing."""
    codecs.register_error("plain_letters", _plain_letters)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain_letters")


def in_words(error: Exception) -> str | None:
    """One line about an error that its user can mend; None for every other error."""
    match error:
        case MemoryError():
            return "the memory of this machine is too small for it"
        case RuntimeError() if any(words in str(error).lower() for words in NO_MEMORY):
            return "the memory of this machine is too small for it"
        case OSError() if error.strerror:
            said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        case ValueError() | OSError() | FloatingPointError():
            said = str(error)
        case _:
            return None
    return " ".join(said.split()) or type(error).__name__


def _plain_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(map(_plain, text)), error.end


def _plain(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return PLAIN.get(letter) or bare or "?"
