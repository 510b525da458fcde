"""`advisor review`: a recommendation as a document for a procurement or FinOps review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from advisor.cli import progress, reading
from advisor.cli.arrival_options import ArrivalOptions, LoadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.commanding import Command
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.quality_options import QualityOptions  # noqa: TC001 - likewise
from advisor.cli.recommend import question_of
from advisor.cli.recommend_options import CheckOptions, PriceOptions, RiskOptions, ScopeOptions  # noqa: TC001 - likewise
from advisor.cli.review_options import ReviewOptions  # noqa: TC001 - likewise
from advisor.cli.showing import deliver, deliver_file
from advisor.cli.typed import command_line
from advisor.errors import ConfidenceError, InputError
from advisor.report.format import BINARY, ReviewFormat

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.basis import Basis


def review(
    *,
    load: LoadOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    scope: ScopeOptions,
    quality: QualityOptions,
    risk: RiskOptions,
    prices: PriceOptions,
    check: CheckOptions,
    out: ReviewOptions,
    data: EvidenceOptions,
) -> None:
    """Write one document about a load."""
    fmt = _format(out)
    question = question_of(
        load=load,
        arrivals=arrivals,
        work=work,
        objectives=objectives,
        scope=scope,
        quality=quality,
        risk=risk,
        prices=prices,
        check=check,
        top_n=out.top_n,
        today=out.today,
        data=data,
    )
    from advisor.domain.review import Cover  # noqa: PLC0415 - loaded only for a question that can be read
    from advisor.usecases.remembering import remember  # noqa: PLC0415 - likewise
    from advisor.usecases.reviewing.review import review as answer  # noqa: PLC0415 - likewise

    wanted = reading.basis(out.min_basis, allow_simulated=data.allow_simulated)
    cover = Cover(title=out.heading or "", owner=out.owner or "", command=command_line(), draft=out.draft)
    with progress.line("simulating") as say:
        found = answer(
            question,
            profiles=data.profiles,
            database=data.db,
            cover=cover,
            allow_simulated=data.allow_simulated,
            with_sensitivity=not out.no_sensitivity,
            say=say,
        )
    from advisor.report.review_files import WRITERS  # noqa: PLC0415 - it loads the answer's values

    _deliver(WRITERS[fmt](found), _file(out))
    remember(found.recommendation, database=data.db, complain=_warn)
    _check_basis(found.recommendation.decision.candidate.basis, wanted)


def _check_basis(basis: Basis, wanted: Basis) -> None:
    if basis.weaker_than(wanted):
        raise ConfidenceError(
            f"the chosen plan is {basis}, {wanted} was asked for",
            hint="measure it on your own GPUs, or accept weaker evidence with --min-basis",
        )


def _warn(trouble: str) -> None:
    typer.echo(f"warning: {trouble}", err=True)


def _deliver(content: bytes, path: Path | None) -> None:
    if path is None:
        deliver(content.decode("utf-8"), None)
    else:
        deliver_file(content, path)


def _file(out: ReviewOptions) -> Path | None:
    """Return the file to write; none for standard output, which a dash means too."""
    return None if out.output is None or str(out.output) == "-" else out.output


def _format(out: ReviewOptions) -> ReviewFormat:
    """Return the format that is asked for; said before the work is done where it cannot be written.

    Raises
    ------
    InputError
        If the name ends in no format, or a PDF or a workbook goes to a terminal or needs what is not installed.
    """
    path = _file(out)
    suffix = path.suffix.lstrip(".").lower() if path is not None else ReviewFormat.MD
    fmt = out.fmt or next((known for known in ReviewFormat if known == suffix), None)
    if fmt is None:
        hint = f"end the name in .{', .'.join(ReviewFormat)}, or say --format"
        raise InputError(f"a review is not written as {suffix or 'a name without an ending'!r}", hint=hint)
    if fmt in BINARY:
        _check_file(fmt, path)
    return fmt


def _check_file(fmt: ReviewFormat, path: Path | None) -> None:
    if path is None:
        raise InputError(f"{BINARY[fmt]} needs a file to go to", hint=f"name one with --output review.{fmt}")
    from advisor.report.review_needs import check  # noqa: PLC0415 - only these formats need to know

    check(fmt)


COMMAND = Command(
    name="review",
    function=review,
    help="Write the document for a procurement or FinOps review. Refuses prices over 90 days old, second-hand or modeled.",
    examples=(
        "advisor review --qps 50 -w chat --output review.html",
        "advisor review --qps 50 -w chat --price-basis on-demand,1y,3y --owner 'Team Chat' -o review.pdf",
        "advisor review --qps 20 -w rag --gpu-cost H100=2.10 -o costs.csv",
        "advisor review --qps 20 -w chat --include-secondary --draft",
    ),
)
