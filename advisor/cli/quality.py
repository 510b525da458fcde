"""From the options about quality to the terms of a question."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from advisor.cli import reading
from advisor.cli.quality_options import QualityOptions
from advisor.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.cli.quality_options import PassFloorOptions
    from advisor.domain.quality_question import CascadeTerms, QualityTerms

_OPTION_OF_FIELD = {
    "min_pass_share": "--min-pass-rate",
    "mistake_usd": "--mistake-usd",
    "checker": "--cascade",
    "check_usd": "--check-usd",
    "right_share": "--checker-accuracy",
}


def terms_of(given: PassFloorOptions, *, profiles: Path | None) -> QualityTerms | None:
    """Return what the options say of quality; None where they say nothing.

    Raises
    ------
    InputError
        If an option lacks another that it needs, or a figure is out of range.
    DataError
        If the file of grades cannot be read.
    """
    options = QualityOptions(**vars(given))
    if not any(value is not None for value in vars(options).values()):
        return None
    _check(options)
    from advisor.domain.quality_question import QualityTerms  # noqa: PLC0415 - loaded only where quality is asked for
    from advisor.usecases.qualifying.grading import graded  # noqa: PLC0415 - likewise

    path = options.quality_floor_from
    return reading.valid(
        QualityTerms,
        options=_OPTION_OF_FIELD,
        grades=None if path is None else graded(path, profiles=profiles),
        grades_file=None if path is None else path.name,
        min_pass_share=options.min_pass_rate,
        success_benchmark=options.success_benchmark,
        mistake_usd=_usd(options.mistake_usd, option="--mistake-usd"),
        cascade=_cascade(options),
    )


def _check(options: QualityOptions) -> None:
    grades, benchmark = options.quality_floor_from is not None, options.success_benchmark is not None
    if grades and benchmark:
        raise InputError(
            "--quality-floor-from and --success-benchmark exclude each other",
            hint="leave the benchmark out: your own grades are the better evidence",
        )
    if options.min_pass_rate is not None and not grades:
        raise InputError(
            "--min-pass-rate needs your own grades", hint="name them with --quality-floor-from, or use --min-quality"
        )
    for option, value in (("--mistake-usd", options.mistake_usd), ("--cascade", options.cascade)):
        if value is not None and not grades and not benchmark:
            raise InputError(
                f"{option} needs pass rates", hint="give your grades with --quality-floor-from, or --success-benchmark"
            )
    if len({options.cascade is None, options.check_usd is None, options.checker_accuracy is None}) > 1:
        raise InputError(
            "--cascade, --check-usd and --checker-accuracy go together",
            hint="for example --cascade tests --check-usd 0.0001 --checker-accuracy 0.95",
        )


def _cascade(options: QualityOptions) -> CascadeTerms | None:
    from advisor.domain.quality_question import CascadeTerms  # noqa: PLC0415 - likewise

    if options.cascade is None:
        return None
    return reading.valid(
        CascadeTerms,
        options=_OPTION_OF_FIELD,
        checker=options.cascade.strip(),
        check_usd=_usd(options.check_usd, option="--check-usd"),
        right_share=options.checker_accuracy,
    )


def _usd(text: str | None, *, option: str) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        raise InputError(f"{option}: {text!r} is no amount of dollars", hint=f"write {option} 0.05") from None
