"""Groups of options that say how much arrives, in which rhythm, and where it is sent."""

from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options


class LoadOptions(Options):
    """How much is asked."""

    title = "Load (required)"
    qps: Annotated[
        float | None,
        Option(
            "--qps",
            "--request-rate",
            "--target-request-rate",
            metavar="RATE",
            help="Requests that arrive per second, on average over all hours; at random moments, or at those of --trace "
            "stretched to this rate.",
        ),
    ] = None


class StreamOptions(Options):
    """In which rhythm requests arrive, and which replica takes one."""

    title = "Arrivals and routing"
    burstiness: Annotated[
        str | None,
        Option(
            "--burstiness",
            metavar="CV2",
            help="Squared coefficient of variation of the times between arrivals: 0 or constant, 1 or poisson, 4 for "
            "bursts. Not the shape that vLLM calls burstiness, which is 1/CV2. Default: poisson, or where there is a trace its own times.",
        ),
    ] = None
    routing: Annotated[
        str | None,
        Option(
            "--routing",
            metavar="RULE",
            help="How the router picks a replica: least-outstanding (jsq), power-of-two (p2c), round-robin (rr) or random. "
            "Default: least-outstanding.",
        ),
    ] = None


class ArrivalOptions(StreamOptions):
    """The same, over the hours of a day."""

    daily_profile: Annotated[
        str | None,
        Option(
            "--daily-profile",
            metavar="NAME|FILE",
            help="How the rate follows the hours of a day or a week: a name such as servegen-language-large-week, or a YAML "
            "or CSV file (hour,relative_rate). --qps is the mean over it, a plan is sized for its busiest hour.",
        ),
    ] = None
