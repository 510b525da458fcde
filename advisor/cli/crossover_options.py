"""Groups of options that `advisor crossover` and `advisor sensitivity` have."""

from pathlib import Path
from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options
from advisor.cli.options import Names, SimulationOptions, SourcedOptions


class AxisOptions(Options):
    """What is varied."""

    title = "Axis"
    axis: Annotated[
        Names,
        Option(
            "--axis",
            metavar="NAME",
            help="What is varied: qps, output-tokens, input-tokens, steps (per canvas), acceptance (tokens per verified step of "
            "the drafter), a limit (e2e, ttft, tpot, ntpot), or price:GPU (per GPU-hour). Twice: a map. Default: qps.",
        ),
    ] = None
    within: Annotated[
        Names,
        Option(
            "--range",
            metavar="LOW:HIGH",
            help="From where to where, once per axis in their order; limits take a unit (500ms:8s). Default: around the asked "
            "value.",
        ),
    ] = None
    by: Annotated[
        Names,
        Option(
            "--by",
            metavar="SCOPE",
            help="Among which plans: overall, gpu (on each GPU type) or basis (of each price basis). Default: overall and gpu. "
            "Flips on GPU types get an interval with --by gpu alone, which takes seconds.",
        ),
    ] = None
    points: Annotated[
        int | None,
        Option("--points", metavar="COUNT", help="Points along each axis of a map, from 2 to 512. Default: 64."),
    ] = None


class DrawOptions(SimulationOptions):
    """How intervals are drawn."""

    title = "Draws"
    draws: Annotated[
        int | None,
        Option("--draws", metavar="COUNT", help="Draws of all speeds at once behind intervals. 0: none. Default: 600."),
    ] = None


class PlottedOptions(SourcedOptions):
    """How the answer is shown."""

    plot: Annotated[
        Path | None,
        Option(
            "--plot",
            metavar="FILE",
            dir_okay=False,
            help="Draw the answer into FILE, which ends in .png, .svg or .html.",
        ),
    ] = None
    today: Annotated[
        str | None, Option("--today", metavar="DATE", hidden=True, help="Day of the question, for repeatable answers.")
    ] = None
