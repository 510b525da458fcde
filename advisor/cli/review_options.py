"""Groups of options that only `advisor review` has."""

from pathlib import Path
from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options
from advisor.report.format import ReviewFormat


class ReviewOptions(Options):
    """What the document says of itself, and where it goes."""

    title = "Document"
    draft: Annotated[
        bool,
        Option(
            "--draft",
            help="Write a document that rests on prices unfit for a review (second-hand, modeled, too old), marked as a draft.",
        ),
    ] = False
    owner: Annotated[str | None, Option("--owner", metavar="NAME", help="Who owns the decision.")] = None
    heading: Annotated[str | None, Option("--title", metavar="TEXT", help="Heading of the document.")] = None
    fmt: Annotated[
        ReviewFormat | None,
        Option(
            "--format",
            "-f",
            help="Format of the document. Default: what the name of --output ends in, else md.",
            show_choices=True,
        ),
    ] = None
    output: Annotated[
        Path | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            help="Write the document to FILE, whole or not at all: .pdf and .html are laid out for A4, .xlsx and .csv hold costs.",
        ),
    ] = None
    min_basis: Annotated[
        str | None,
        Option(
            "--min-basis",
            metavar="BASIS",
            help="Weakest evidence to accept for the chosen plan: measured, published or modeled. "
            "A weaker document is written, and the exit code is 4. Default: modeled.",
        ),
    ] = None
    no_sensitivity: Annotated[
        bool,
        Option("--no-sensitivity", help="Leave out what each input does to the choice, which takes a few seconds."),
    ] = False
    top_n: Annotated[int | None, Option("--top-n", metavar="COUNT", help="Plans to price. Default: 5.")] = None
    today: Annotated[
        str | None, Option("--today", metavar="DATE", hidden=True, help="Day of the question, for repeatable answers.")
    ] = None
