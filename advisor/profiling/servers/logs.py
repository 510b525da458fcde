"""The log of a server: read as it grows, its tail kept, and no secret in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

TAIL_BYTES = 64 * 1024
TAIL_LINES = 120
MOST_BYTES = 16 * 1024 * 1024
HIDDEN = "***"

SECRET_NAME = re.compile(r"(?:^|[_-])(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:$|[_-])", re.IGNORECASE)
"""Variables and flags with such a word in their name hold secrets. (`max_num_batched_tokens` is none.)"""
SHORTEST_SECRET = 6
"""What is shorter is no secret, and would be found inside of words."""
SECRET_SHAPE = re.compile(r"\b(?:hf_|sk-|nvapi-|ghp_)[A-Za-z0-9_-]{8,}|(?<=[Bb]earer )[\w.~+/=-]{8,}")
"""How access tokens look, whoever printed them."""

_BREAK = re.compile(r"[\r\n]+")  # progress bars overwrite their line
_PAINT = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def secrets_of(named: Mapping[str, object]) -> frozenset[str]:
    """Return the values, among named ones, that must never be recorded."""
    return frozenset(
        str(value) for name, value in named.items() if SECRET_NAME.search(name) and len(str(value)) >= SHORTEST_SECRET
    )


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return a text with known secrets, and all that looks like one, blotted out."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return SECRET_SHAPE.sub(HIDDEN, text)


class Log:
    """The log file of one server."""

    def __init__(self, path: Path, secrets: frozenset[str] = frozenset()) -> None:
        self.path = path
        self._secrets = secrets
        self._read_to = 0
        self._unfinished = ""

    def tail(self) -> str:
        """Return the last lines."""
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            lines = self._lines(file.read())
        return "\n".join(lines[-TAIL_LINES:])

    def size(self) -> int:
        """Return its length in bytes."""
        return self.path.stat().st_size

    def text(self, start: int = 0) -> str:
        """Return all from a byte on; of a very long one the end."""
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(start, size - MOST_BYTES))
            return "\n".join(self._lines(file.read()))

    def grown(self) -> list[str]:
        """Return the lines that were finished since the last time."""
        with self.path.open("rb") as file:
            file.seek(self._read_to)
            new = file.read()
        self._read_to += len(new)
        *lines, self._unfinished = _BREAK.split(self._unfinished + new.decode(errors="replace"))
        return [without_secrets(line, self._secrets) for line in lines if line]

    def _lines(self, raw: bytes) -> list[str]:
        text = _PAINT.sub("", without_secrets(raw.decode(errors="replace"), self._secrets))
        return [line for line in _BREAK.split(text) if line]
