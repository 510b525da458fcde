"""Groups of options of `advisor next`, and of measuring that chooses by itself."""

from pathlib import Path
from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options
from advisor.cli.options import SourcedOptions
from advisor.cli.recommend_options import CheckOptions


class WorthOptions(Options):
    """What a measurement is weighed with, and where the next one is written to."""

    title = "Measurement"
    horizon_months: Annotated[
        float | None,
        Option(
            "--horizon-months",
            metavar="MONTHS",
            help="How long the choice is lived with: what a measurement saves counts for so long. Default: 12.",
        ),
    ] = None
    write_campaign: Annotated[
        Path | None,
        Option(
            "--write-campaign",
            metavar="FILE",
            dir_okay=False,
            help="Write what to measure next as a campaign for `advisor profile`. Nothing is written where nothing pays.",
        ),
    ] = None


class LookaheadOptions(CheckOptions):
    """Whether and how the best plans are simulated, and in how many draws is looked ahead."""

    title = "Simulation"
    draws: Annotated[
        int | None,
        Option(
            "--draws", metavar="COUNT", help="Draws of all speeds at once that are looked ahead with. Default: 4000."
        ),
    ] = None


class NextOutputOptions(SourcedOptions):
    """How the answer is shown."""

    title = "Output"
    today: Annotated[
        str | None, Option("--today", metavar="DATE", hidden=True, help="Day of the question, for repeatable answers.")
    ] = None


class AdaptiveOptions(Options):
    """Whether the next deployment is chosen by what is known then, instead of by a campaign file."""

    title = "Adaptive (instead of a campaign)"
    adaptive: Annotated[
        Path | None,
        Option(
            "--adaptive",
            metavar="ANSWER.json",
            exists=True,
            dir_okay=False,
            help="Measure what is worth most for the question of this answer (JSON of recommend or next), look again, and go on "
            "until nothing is worth its GPU time.",
        ),
    ] = None
    demo: Annotated[
        bool,
        Option(
            "--demo",
            help="With --adaptive: start demo engines in the place of vLLM. Runs are simulated, go to a database of their own, "
            "and count in this command alone.",
        ),
    ] = False
    horizon_months: Annotated[
        float | None,
        Option("--horizon-months", metavar="MONTHS", help="How long the choice is lived with. Default: 12."),
    ] = None
    most_cells: Annotated[
        int | None,
        Option("--most-cells", metavar="COUNT", min=1, help="Most deployments to measure. Default: no limit."),
    ] = None
    campaigns: Annotated[
        Path | None,
        Option(
            "--campaigns",
            metavar="DIR",
            file_okay=False,
            help="Folder that keeps the campaign files. Default: none; the database keeps their text.",
        ),
    ] = None
