"""How far a long command has come: a bar or a line on standard error while somebody watches it there."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Watch = Callable[[int, int], None]
    Say = Callable[[str], None]

_BACK_AND_CLEAR = "\r\x1b[K"


@contextmanager
def bar(title: str) -> Iterator[Watch | None]:
    """Give out a function that hears how much is done, and of how much; None where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for rich
    from rich.progress import Progress  # noqa: PLC0415 - likewise

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def line(title: str) -> Iterator[Say | None]:
    """Give out a function that hears what is being done; its last word stands on one line, which is gone at the end.

    None where standard error is no terminal. Without rich, whose import would be felt in an answer of a second.
    """
    if not sys.stderr.isatty():
        yield None
        return
    width = shutil.get_terminal_size().columns - 1

    def say(what: str) -> None:
        sys.stderr.write(f"{_BACK_AND_CLEAR}{title} {what}"[: width + len(_BACK_AND_CLEAR)])
        sys.stderr.flush()

    try:
        yield say
    finally:
        sys.stderr.write(_BACK_AND_CLEAR)
        sys.stderr.flush()
