"""What was typed, for a document that says which command wrote it."""

from __future__ import annotations

import shlex
from contextvars import ContextVar

ARGUMENTS: ContextVar[tuple[str, ...]] = ContextVar("ARGUMENTS", default=())


def command_line() -> str:
    """Return the command that runs, as it can be typed into a shell again; passwords of databases are left out."""
    from advisor.usecases.addresses import shown_arguments  # noqa: PLC0415 - only where a command is shown

    return shlex.join(("advisor", *shown_arguments(ARGUMENTS.get())))
