"""Reading a command line without running its command: the question that its options ask, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from advisor.cli.commanding import Command, add
from advisor.cli.failing import UsageError, in_words
from advisor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def reading_of(name: str, function: Callable[..., object]) -> Callable[[Sequence[str]], Any]:
    """Return what reads the options of a command with a function that takes its option groups.

    It raises `InputError` where an option is unknown or a value is none, as on the command line.
    """
    app = typer.Typer(name="advisor", rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    add(app, Command(name, function, "Read a question.", ()))
    command = typer.main.get_command(app)

    def read(arguments: Sequence[str]) -> Any:
        try:
            return command.main(list(arguments), prog_name=f"advisor {name}", standalone_mode=False)
        except UsageError as problem:
            message, hint = in_words(problem)
            raise InputError(message, hint=hint) from None

    return read
