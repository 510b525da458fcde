"""`advisor calibrate` and `advisor validate`: fitting the estimator, and judging it, the formulas and the decisions."""

from typing import Annotated

from typer import Argument, Option

from advisor.cli.commanding import Command, Options
from advisor.cli.options import OutputOptions, ProfileOptions, SimulationOptions
from advisor.cli.progress import bar
from advisor.cli.showing import show
from advisor.errors import InputError, UnknownNameError

ALL, ESTIMATOR, CURVES, QUEUEING, DECIDE, IMPORTS = JUDGED = (
    "all", "estimator", "curves", "queueing", "decide", "imports",
)  # fmt: skip
DRAWN = frozenset({ALL, QUEUEING, DECIDE})
"""What simulates, and can be judged quickly or in full from any seed."""


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
            help="What is judged: all in one table, or one part in detail: estimator, on GPUs that it was not fitted on; curves, "
            "at levels left out of published sweeps; queueing, the formulas beside a simulation; decide, choosing and measuring "
            "where every true speed is known; imports, sample results of other tools.",
        ),
    ] = ALL
    quick: Annotated[
        bool,
        Option("--quick", help="Judge queueing on a tenth of the requests, or decide on a few worlds, as `all` does."),
    ] = False
    full: Annotated[
        bool, Option("--full", help="Judge all with whole grids and all worlds: minutes, as the single parts take.")
    ] = False


def validate(judged: JudgeOptions, drawn: SimulationOptions, out: OutputOptions, data: ProfileOptions) -> None:
    """Judge everything in one table, or one part in detail."""
    if judged.what not in JUDGED:
        raise UnknownNameError("thing to validate", judged.what, JUDGED)
    _check_effort(judged, drawn)
    details = {ESTIMATOR: _validate_estimator, QUEUEING: _validate_queueing, DECIDE: _validate_decide}
    details.get(judged.what, _validate_all)(judged, drawn, out, data)


def _check_effort(judged: JudgeOptions, drawn: SimulationOptions) -> None:
    """Refuse options of simulations where nothing is simulated, and two that contradict each other."""
    if judged.what not in DRAWN and (judged.quick or judged.full or drawn.seed is not None):
        message = f"--quick, --full and --seed are for `advisor validate` {' and '.join(sorted(DRAWN))}"
        raise InputError(message, hint=f"{judged.what} draws nothing")
    if judged.quick and judged.full:
        raise InputError("--quick and --full contradict each other", hint="all is quick by default, its parts are full")


def _validate_all(judged: JudgeOptions, drawn: SimulationOptions, out: OutputOptions, data: ProfileOptions) -> None:
    """Answer with the table of all parts, or of one that has no answer of its own."""
    from advisor.usecases.validating.table import validate_all as answer  # noqa: PLC0415 - use cases are loaded when a command runs

    part = None if judged.what == ALL else judged.what
    seed = _seed(drawn)
    with bar("judging") as watch:
        summary = answer(profiles=data.profiles, part=part, full=judged.full, seed=seed, watch=watch)
    show(summary, out)


def _validate_estimator(
    judged: JudgeOptions, drawn: SimulationOptions, out: OutputOptions, data: ProfileOptions
) -> None:
    from advisor.usecases.validating.estimator import validate as answer  # noqa: PLC0415 - likewise

    del judged, drawn
    show(answer(profiles=data.profiles), out)


def _validate_queueing(
    judged: JudgeOptions, drawn: SimulationOptions, out: OutputOptions, data: ProfileOptions
) -> None:
    from advisor.usecases.validating.queueing import validate_queueing as answer  # noqa: PLC0415 - likewise

    if data.profiles is not None:
        raise InputError("--profiles is for `advisor validate estimator`", hint="the formulas read no profile")
    seed = _seed(drawn)
    with bar("cells") as watch:
        judgment = answer(quick=judged.quick, seed=seed, watch=watch)
    show(judgment, out)


def _validate_decide(judged: JudgeOptions, drawn: SimulationOptions, out: OutputOptions, data: ProfileOptions) -> None:
    from advisor.usecases.validating.decide import validate_decide as answer  # noqa: PLC0415 - likewise

    seed = _seed(drawn)
    with bar("worlds") as watch:
        judgment = answer(profiles=data.profiles, quick=judged.quick, seed=seed, watch=watch)
    show(judgment, out)


def _seed(drawn: SimulationOptions) -> int:
    seed = drawn.seed or 0
    if seed < 0:
        raise InputError(f"--seed: {seed} is below 0")
    return seed


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
        "Judge this program: all in one table, or one part in detail.",
        (
            "advisor validate",
            "advisor validate -f md -o validation.md",
            "advisor validate estimator",
            "advisor validate queueing --quick",
            "advisor validate decide",
            "advisor validate curves -f csv",
        ),
    ),
)
