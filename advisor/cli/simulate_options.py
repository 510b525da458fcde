"""Groups of options that only `advisor simulate` has."""

from pathlib import Path
from typing import Annotated

from typer import Option

from advisor.cli.arrival_options import LoadOptions
from advisor.cli.commanding import Options
from advisor.cli.deployment_options import DeploymentOptions
from advisor.cli.options import AttainmentOptions, ObjectiveOptions, SimulationOptions, SourcedOptions

_TITLE = "Plan (--plan, or --model and --gpu; other options override the plan)"


class PlanOptions(Options):
    """Which plan is put under load."""

    title = _TITLE
    plan: Annotated[
        Path | None,
        Option(
            "--plan",
            metavar="FILE",
            dir_okay=False,
            help="The JSON of advisor recommend: its chosen plan, with the load and the objectives that it is for. A --trace "
            "comes in the place of its arrivals, at the rate of its busiest hour; --daily-profile none simulates that hour alone.",
        ),
    ] = None


class FleetOptions(DeploymentOptions):
    """What is run, and how many times."""

    title = _TITLE
    replicas: Annotated[
        int | None, Option("--replicas", metavar="COUNT", help="Replicas behind one router. Default: 1.")
    ] = None


class TrafficOptions(LoadOptions):
    """How much arrives."""

    title = "Load (default: that of --plan, else the own rate of --trace)"


class JudgedOptions(AttainmentOptions):
    """How many requests must be within the objectives."""

    title = ObjectiveOptions.title


class RunOptions(SimulationOptions):
    """How long the run is, and what it draws from."""

    requests: Annotated[
        int | None,
        Option(
            "--requests",
            metavar="COUNT",
            help="Requests to simulate, about. Default: 20,000 drawn ones, or 200,000 over all hours of --daily-profile, "
            "which are shortened for it; more where the fleet holds many. A trace is replayed once.",
        ),
    ] = None
    duration: Annotated[
        str | None,
        Option(
            "--duration",
            metavar="TIME",
            help="Time over which requests arrive, instead of --requests: 600s, 10min; seconds without a unit.",
        ),
    ] = None


class DrawnOptions(SourcedOptions):
    """How the answer is shown."""

    plot: Annotated[
        Path | None,
        Option(
            "--plot",
            metavar="FILE",
            dir_okay=False,
            help="Draw load, slots in use, queue and latency over time into FILE, which ends in .png, .svg or .html.",
        ),
    ] = None
