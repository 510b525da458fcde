"""How a command is declared: a function of option groups, each a class whose annotated fields are Typer options.

Typer wants one flat signature. Recommend has over forty options, so they are declared in groups, flattened here for Typer, and
gathered again for the function. The title of a group heads its options in `--help`.
"""

from __future__ import annotations

import inspect
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from typer import Context, Exit, echo
from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import typer

EXIT_CODES = """Exit codes:
  0  an answer
  2  wrong use: an option, a value or a file
  3  nothing feasible
  4  an answer whose evidence is below the wanted confidence
  5  not everything was measured: a server, an endpoint, a cluster
  6  a review that rests on stale or second-hand prices, and is no draft"""


class Options:
    """A group of options, each a field annotated for Typer. `title` heads it in the help text.

    No dataclass, and modules with groups do without postponed annotations: both would compile source text at start-up
    (16 ms of it), and Typer reads the annotations anyway.
    """

    title = "Options"

    def __init__(self, **given: Any) -> None:
        vars(self).update(given)


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, the function that runs it, one line of help, and examples to learn from."""

    name: str
    function: Callable[..., Any]
    help: str
    examples: tuple[str, ...]


def add(app: typer.Typer, command: Command) -> None:
    """Enter a command in the application."""
    examples = "\n".join(f"  {example}" for example in command.examples)
    epilog = f"\b\nExamples:\n{examples}\n\n\b\n{EXIT_CODES}"
    decorate = app.command(command.name, help=command.help, epilog=epilog, cls=_GroupedCommand)
    decorate(_flattened(command.function))


def add_group(app: typer.Typer, name: str, commands: Iterable[Command], *, help: str) -> None:  # noqa: A002 - Typer's word
    """Enter commands in the application under a name of their own: ``advisor NAME COMMAND``."""
    group = app.__class__(name=name, help=help, invoke_without_command=True, rich_markup_mode=None)
    group.callback()(show_help_alone)
    for command in commands:
        add(group, command)
    app.add_typer(group, name=name)


def show_help_alone(context: Context) -> None:
    """Print the help of a group that was called without a command, and leave as from a wrong use."""
    if context.invoked_subcommand is None:
        echo(context.get_help(), err=True)
        raise Exit(2)


class _GroupedCommand(TyperCommand):
    """A command whose help lists the options under the titles of their groups, without loading rich for it."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[Any]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                title = getattr(parameter, "rich_help_panel", None) or "Other"
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


def _flattened(function: Callable[..., Any]) -> Callable[..., Any]:
    groups: dict[str, type[Options]] = {name: t for name, t in get_type_hints(function).items() if name != "return"}

    def command(**given: Any) -> Any:
        return function(**{name: _gathered(group, given) for name, group in groups.items()})

    parameters = [parameter for group in groups.values() for parameter in _parameters(group)]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _gathered(group: type[Options], given: dict[str, Any]) -> Options:
    return group(**{name: given[name] for name in get_type_hints(group)})


def _parameters(group: type[Options]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        _parameter(name, getattr(group, name, inspect.Parameter.empty), annotation, group.title)
        for name, annotation in hints.items()
    ]


def _parameter(name: str, default: Any, annotation: Any, title: str) -> inspect.Parameter:
    options = [copy(option) for option in annotation.__metadata__]  # a group that inherits them has a title of its own
    for option in options:
        option.rich_help_panel = title
    titled = Annotated[(annotation.__origin__, *options)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=titled)
