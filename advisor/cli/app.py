"""The command `advisor`: its commands, and the one place where failures become exit codes."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from advisor import __version__
from advisor.cli import (
    compare,
    crossover,
    dashboard,
    demo_engine,
    estimate,
    importing,
    listings,
    next_measurement,
    predict,
    profile,
    recommend,
    reproduce,
    review,
    runs,
    schema,
    sensitivity,
    simulate,
    tuning,
)
from advisor.cli.commanding import EXIT_CODES, Command, add, add_group
from advisor.cli.failing import UsageError, in_words
from advisor.cli.typed import ARGUMENTS
from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERRUPTED = 130

app = typer.Typer(
    name="advisor",
    help="Which is cheaper to serve at your QPS, Gemma 4 or DiffusionGemma: on which GPU, with which settings, how sure.",
    epilog=f"""\b
Examples:
  advisor recommend --qps 50 --workload chat
  advisor estimate --model diffusiongemma --gpu h100
  advisor gpus

\b
{EXIT_CODES}""",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
COMMANDS: tuple[Command, ...] = (
    recommend.COMMAND,
    next_measurement.COMMAND,
    crossover.COMMAND,
    sensitivity.COMMAND,
    compare.COMMAND,
    reproduce.COMMAND,
    review.COMMAND,
    estimate.COMMAND,
    predict.COMMAND,
    simulate.COMMAND,
    dashboard.COMMAND,
    *listings.COMMANDS,
    *tuning.COMMANDS,
    *runs.COMMANDS,
    importing.COMMAND,
    demo_engine.COMMAND,
    schema.COMMAND,
)
for _command in COMMANDS:
    add(app, _command)
add_group(app, "profile", profile.COMMANDS, help=profile.HELP)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"advisor {__version__}")
        raise typer.Exit


@app.callback()
def _advisor(
    context: typer.Context,
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    del version
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code: the only place that turns failures into codes and sentences.

    Whatever is no expected failure is a bug, and passes through with its traceback.
    """
    ARGUMENTS.set(tuple(arguments))
    try:
        code = typer.main.get_command(app).main(list(arguments), prog_name="advisor", standalone_mode=False)
    except AdvisorError as problem:
        return _fail(str(problem), problem.hint, problem.exit_code)
    except UsageError as problem:
        return _fail(*in_words(problem), 2)
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    return code if isinstance(code, int) else 0


def _fail(message: str, hint: str, code: int) -> int:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    if hint:
        typer.echo(f"hint: {' '.join(hint.split())}", err=True)
    return code


def main() -> NoReturn:
    """Run the command line of this process and leave it with the exit code."""
    gc.disable()  # a process of half a second makes no garbage worth looking for
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")  # spares a search through all installed packages
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character must not end the answer
    code = run(sys.argv[1:])
    gc.freeze()  # spares the interpreter its last collection
    sys.exit(code)
