"""`advisor calibrate` and `advisor validate`: fitting the estimator, and judging it on GPUs that it has not seen."""

from typing import Annotated

from typer import Option

from advisor.cli.commanding import Command, Options
from advisor.cli.options import OutputOptions, ProfileOptions
from advisor.cli.showing import show


class FitOptions(Options):
    """What happens to the fitted constants."""

    title = "Fit"
    dry_run: Annotated[bool, Option("--dry-run", help="Fit and show, and leave the profiles as they are.")] = False


def calibrate(fit: FitOptions, out: OutputOptions, data: ProfileOptions) -> None:
    """Fit the constants of the estimator."""
    from advisor.usecases.calibrate import calibrate as answer  # noqa: PLC0415 - use cases are loaded when a command runs

    show(answer(profiles=data.profiles, write=not fit.dry_run), out)


def validate(out: OutputOptions, data: ProfileOptions) -> None:
    """Judge the estimator."""
    from advisor.usecases.validate import validate as answer  # noqa: PLC0415 - likewise

    show(answer(profiles=data.profiles), out)


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
        "Judge the estimator on GPUs that it was not fitted on.",
        ("advisor validate", "advisor validate -f md -o validation.md"),
    ),
)
