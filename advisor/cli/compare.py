"""`advisor compare`: what changed between two recommendations, and why."""

from typing import Annotated

from typer import Argument, Option

from advisor.cli import progress
from advisor.cli.commanding import Command, Options
from advisor.cli.options import EvidenceOptions, OutputOptions
from advisor.cli.showing import show


class ComparedOptions(Options):
    """Which two recommendations, and whether the change is taken apart."""

    title = "Recommendations"
    before: Annotated[
        str,
        Argument(
            metavar="BEFORE", help="A recommendation: a file of recommend -f json, or its number in advisor history."
        ),
    ]
    after: Annotated[str, Argument(metavar="AFTER", help="The other one, likewise.")]
    attribute: Annotated[
        bool,
        Option(
            "--attribute",
            help="Say what changes the price by how much, your own runs and each part of the question: it is answered again "
            "for each of them with the profiles of today, which takes seconds.",
        ),
    ] = False


class ComparisonOutputOptions(OutputOptions):
    """How the comparison is shown."""

    explain: Annotated[bool, Option("--explain", help="List all changes, not the first few of each cause.")] = False


def compare(compared: ComparedOptions, out: ComparisonOutputOptions, data: EvidenceOptions) -> None:
    """Compare two recommendations."""
    from advisor.usecases.comparing.compare import compare as answer  # noqa: PLC0415 - use cases are loaded when a command runs

    with progress.line("simulating") as say:
        found = answer(
            compared.before,
            compared.after,
            attributed=compared.attribute,
            profiles=data.profiles,
            database=data.db,
            allow_simulated=data.allow_simulated,
            say=say,
        )
    show(found, out, explain=out.explain)


COMMAND = Command(
    name="compare",
    function=compare,
    help="Say what changed between two recommendations, and why.",
    examples=(
        "advisor compare before.json after.json",
        "advisor compare before.json after.json --attribute",
        "advisor compare 3 7 --db sqlite:///runs.db -f md -o changes.md",
    ),
)
