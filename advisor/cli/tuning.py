"""`advisor calibrate` and `advisor validate`: fitting the estimator, and judging it and the formulas on what they have not seen."""

from typing import Annotated

from typer import Argument, Option

from advisor.cli.commanding import Command, Options
from advisor.cli.options import OutputOptions, ProfileOptions, SimulationOptions
from advisor.cli.progress import bar
from advisor.cli.showing import show
from advisor.errors import InputError, UnknownNameError

ESTIMATOR, QUEUEING = JUDGED = ("estimator", "queueing")


class FitOptions(Options):
    """What happens to the fitted constants."""

    title = "Fit"
    dry_run: Annotated[bool, Option("--dry-run", help="Fit and show, and leave the profiles as they are.")] = False


def calibrate(fit: FitOptions, out: OutputOptions, data: ProfileOptions) -> None:
    """Fit the constants of the estimator."""
    from advisor.usecases.calibrate import calibrate as answer  # noqa: PLC0415 - use cases are loaded when a command runs

    show(answer(profiles=data.profiles, write=not fit.dry_run), out)


class JudgeOptions(Options):
    """What is judged, and how thoroughly."""

    title = "Validation"
    what: Annotated[
        str,
        Argument(
            metavar="[WHAT]",
            help="What is judged: estimator, on GPUs that it was not fitted on, or queueing, the formulas beside a simulation.",
        ),
    ] = ESTIMATOR
    quick: Annotated[
        bool, Option("--quick", help="Judge queueing on a tenth of the requests: half a minute instead of minutes.")
    ] = False


def validate(judged: JudgeOptions, drawn: SimulationOptions, out: OutputOptions, data: ProfileOptions) -> None:
    """Judge the estimator, or the queueing formulas."""
    if judged.what not in JUDGED:
        raise UnknownNameError("thing to validate", judged.what, JUDGED)
    if judged.what == QUEUEING:
        _validate_queueing(judged, drawn, out, data)
    else:
        _validate_estimator(judged, drawn, out, data)


def _validate_estimator(
    judged: JudgeOptions, drawn: SimulationOptions, out: OutputOptions, data: ProfileOptions
) -> None:
    from advisor.usecases.validate import validate as answer  # noqa: PLC0415 - use cases are loaded when a command runs

    if judged.quick or drawn.seed is not None:
        raise InputError("--quick and --seed are for `advisor validate queueing`", hint="the estimator draws nothing")
    show(answer(profiles=data.profiles), out)


def _validate_queueing(
    judged: JudgeOptions, drawn: SimulationOptions, out: OutputOptions, data: ProfileOptions
) -> None:
    from advisor.usecases.validate_queueing import validate_queueing as answer  # noqa: PLC0415 - likewise

    if data.profiles is not None:
        raise InputError("--profiles is for `advisor validate estimator`", hint="the formulas read no profile")
    seed = drawn.seed or 0
    if seed < 0:
        raise InputError(f"--seed: {seed} is below 0")
    with bar("cells") as watch:
        judgment = answer(quick=judged.quick, seed=seed, watch=watch)
    show(judgment, out)


COMMANDS = (
    Command(
        "calibrate",
        calibrate,
        "Fit the estimator to the measurements. Writes its constants to the profiles.",
        ("advisor calibrate --dry-run", "advisor calibrate --profiles my-profiles"),
    ),
    Command(
        "validate",
        validate,
        "Judge the estimator on unseen GPUs, or the queueing formulas.",
        ("advisor validate", "advisor validate -f md -o validation.md", "advisor validate queueing --quick"),
    ),
)
