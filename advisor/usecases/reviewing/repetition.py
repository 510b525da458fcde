"""How to get the figures of a review again: the typed command, made to write JSON."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

NOT_FROM_JSON = (
    "The document cannot be reproduced from its JSON: the times of the trace are not in it. The command needs the file of "
    "the trace."
)

_LONG = ("--format", "--output")
_SHORT = ("-f", "-o")


def command_again(command: str, *, today: date) -> str:
    """Return a typed `advisor review` that writes review.json, asked on the same day, whatever it wrote before.

    Parameters
    ----------
    command
        As it was typed into a shell.
    today
        The day of the question, for a command that names none.
    """
    words = tuple(_without_output(shlex.split(command)))
    day = () if any(word.partition("=")[0] == "--today" for word in words) else ("--today", str(today))
    return shlex.join((*words, *day, "--format", "json", "--output", "review.json"))


def _without_output(words: list[str]) -> Iterator[str]:
    """Yield the words of a command without its format and its file, which stand in one word or in two."""
    left = iter(words)
    for word in left:
        if word in (*_LONG, *_SHORT):
            next(left, None)
        elif not _holds_output(word):
            yield word


def _holds_output(word: str) -> bool:
    """Say whether a word is a format or a file together with its option, such as ``--format=md`` or ``-fmd``."""
    return word.partition("=")[0] in _LONG or word.startswith(_SHORT)
