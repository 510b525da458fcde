"""`advisor reproduce`: an earlier recommendation, asked again."""

from typing import Annotated

from typer import Argument

from advisor.cli import progress
from advisor.cli.commanding import Command, Options
from advisor.cli.options import DataOptions, OutputOptions
from advisor.cli.showing import show


class ReproducedOptions(Options):
    """Which recommendation."""

    title = "Recommendation"
    answer: Annotated[
        str,
        Argument(
            metavar="ANSWER", help="A recommendation: a file of recommend -f json, or its number in advisor history."
        ),
    ]


def reproduce(wanted: ReproducedOptions, out: OutputOptions, data: DataOptions) -> None:
    """Ask again."""
    from advisor.usecases.comparing.reproduce import reproduce as again  # noqa: PLC0415 - use cases are loaded when a command runs

    with progress.line("simulating") as say:
        found = again(wanted.answer, profiles=data.profiles, database=data.db, say=say)
    show(found, out)


COMMAND = Command(
    name="reproduce",
    function=reproduce,
    help="Ask an earlier question again, with the runs known then.",
    examples=("advisor reproduce 3", "advisor reproduce answer.json -f json"),
)
