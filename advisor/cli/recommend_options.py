"""Groups of options that only `advisor recommend` has."""

from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options
from advisor.cli.options import AttainmentOptions, Names, OutputOptions, SimulationOptions


class ScopeOptions(Options):
    """What may be used to serve it."""

    title = "Candidates"
    models: Annotated[
        Names, Option("--models", "--model", metavar="NAMES", help="Models to compare, comma-separated or repeated.")
    ] = None
    gpus: Annotated[
        Names,
        Option("--gpus", "--gpu", "--system", metavar="NAMES", help="GPU types to use; a start of a name will do."),
    ] = None
    precision: Annotated[
        Names, Option("--precision", metavar="NAMES", help="Precisions to use: bf16, fp8, nvfp4, int4. Default: all.")
    ] = None
    min_quality: Annotated[
        Names, Option("--min-quality", metavar="BENCH=SCORE", help="Least score on a benchmark; repeatable.")
    ] = None
    max_gpus: Annotated[
        int | None,
        Option(
            "--max-gpus", "--total-gpus", metavar="COUNT", help="Most GPUs that the fleet uses; a shape may have more."
        ),
    ] = None
    headroom: Annotated[
        float | None,
        Option("--headroom", metavar="SHARE", help="Share of capacity to keep free, from 0 to below 1. Default: 0."),
    ] = None


class RiskOptions(AttainmentOptions):
    """What the plan must withstand."""

    title = "Risk"
    spares: Annotated[
        int | None,
        Option(
            "--spares", metavar="COUNT", help="Replicas that may be down while the rest still meets the objectives."
        ),
    ] = None
    availability: Annotated[
        float | None,
        Option(
            "--availability",
            metavar="SHARE",
            help="Share of the time that enough replicas are up, such as 0.999, between 0 and 1; instead of --spares.",
        ),
    ] = None
    startup: Annotated[
        str | None,
        Option(
            "--startup",
            metavar="TIME",
            help="Time until a new replica serves, for the fleet that follows --daily-profile: 300s, 5min; "
            "seconds without a unit. Default: that of the profiles.",
        ),
    ] = None


class CheckOptions(SimulationOptions):
    """Whether and how the best plans are simulated."""

    no_simulate: Annotated[
        bool, Option("--no-simulate", help="Answer from formulas alone, without simulating the best plans.")
    ] = False
    draws: Annotated[
        int | None,
        Option(
            "--draws",
            metavar="COUNT",
            help="Draws of all speeds at once behind intervals, verdict and regret. 0: none. Default: 600.",
        ),
    ] = None


class PriceOptions(Options):
    """At which prices."""

    title = "Prices"
    price_basis: Annotated[
        Names,
        Option(
            "--price-basis",
            "--pricing-model",
            metavar="NAMES",
            help="on-demand, spot, 1y (reserved-1y), 3y (reserved-3y), owned, or all (rented). Default: on-demand.",
        ),
    ] = None
    gpu_cost: Annotated[
        Names,
        Option("--gpu-cost", metavar="GPU=USD", help="Your own price per GPU-hour, such as H100=4.50; repeatable."),
    ] = None
    include_marketplace: Annotated[
        bool, Option("--include-marketplace", help="Use offers of peer-hosted marketplaces too.")
    ] = False
    include_secondary: Annotated[
        bool, Option("--include-secondary", help="Use prices too that were read elsewhere than at the seller.")
    ] = False
    max_price_age: Annotated[
        int | None, Option("--max-price-age", metavar="DAYS", help="Age above which a price is not used. Default: 90.")
    ] = None


class AnswerOptions(OutputOptions):
    """How the answer is shown."""

    min_basis: Annotated[
        str | None,
        Option(
            "--min-basis",
            metavar="BASIS",
            help="Weakest evidence to accept for the chosen plan: measured, published or modeled. "
            "A weaker answer is shown, and the exit code is 4. Default: modeled.",
        ),
    ] = None
    top_n: Annotated[int | None, Option("--top-n", metavar="COUNT", help="Plans to list. Default: 5.")] = None
    explain: Annotated[
        bool, Option("--explain", help="Show how every figure came about, all rejected deployments and all sources.")
    ] = False
    sensitivity: Annotated[
        bool,
        Option(
            "--sensitivity",
            help="Show which input changes the winning model, and at which value, by formula; a few seconds more.",
        ),
    ] = False
    open_it: Annotated[
        bool, Option("--open", help="Open the same question in the dashboard, which is started where none runs.")
    ] = False
    today: Annotated[
        str | None, Option("--today", metavar="DATE", hidden=True, help="Day of the question, for repeatable answers.")
    ] = None
