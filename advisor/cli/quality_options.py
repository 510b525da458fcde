"""Options that bring quality into a decision. All are off unless they are given."""

from pathlib import Path
from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options


class PassFloorOptions(Options):
    """How often answers must pass, for a model to be considered at all."""

    title = "Quality"
    quality_floor_from: Annotated[
        Path | None,
        Option(
            "--quality-floor-from",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Your own grades: a CSV with model, task and passed (true, false, 1 or 0), a row per answer. They give a pass "
            "rate per model, with its interval.",
        ),
    ] = None
    min_pass_rate: Annotated[
        float | None,
        Option(
            "--min-pass-rate",
            metavar="SHARE",
            help="Leave out a model unless its pass rate reaches SHARE with 90 % probability, by your grades. "
            "Between 0 and 1.",
        ),
    ] = None


class QualityOptions(PassFloorOptions):
    """The same, and what a failure costs."""

    title = "Quality (all off by default; published scores of the models are always shown)"
    success_benchmark: Annotated[
        str | None,
        Option(
            "--success-benchmark",
            metavar="BENCH",
            help="Take published scores of a benchmark as pass rates, where there are no grades. Shows the cost per success: "
            "it ranks models, and is no plan to repeat what failed.",
        ),
    ] = None
    mistake_usd: Annotated[
        str | None,
        Option(
            "--mistake-usd",
            metavar="USD",
            help="What a failed request costs beside its price: says which model is then cheaper in total, and at which "
            "price of a mistake the decision turns.",
        ),
    ] = None
    cascade: Annotated[
        str | None,
        Option(
            "--cascade",
            metavar="CHECKER",
            help="A check of replies that you have, such as tests, schema or exact-match: shows what it costs to ask the "
            "diffusion model first, and the other one for what the check rejects. Never chosen by itself.",
        ),
    ] = None
    check_usd: Annotated[
        str | None, Option("--check-usd", metavar="USD", help="What one check costs; goes with --cascade.")
    ] = None
    checker_accuracy: Annotated[
        float | None,
        Option(
            "--checker-accuracy",
            metavar="SHARE",
            help="How often the check is right, about good and bad replies alike, above 0 to 1; goes with --cascade.",
        ),
    ] = None
