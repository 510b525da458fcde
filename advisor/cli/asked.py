"""A question in the words of the command line, as a value: what links, buttons and other programs ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.cli import recommend_options as groups
from advisor.cli.arrival_options import ArrivalOptions, LoadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.asking_again import reading_of
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.quality_options import QualityOptions  # noqa: TC001 - likewise
from advisor.cli.recommend import question_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.question import Question


class _Asked(groups.AnswerOptions):
    """How many plans are wanted, and on which day."""


def _read(
    *,
    load: LoadOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    scope: groups.ScopeOptions,
    quality: QualityOptions,
    risk: groups.RiskOptions,
    prices: groups.PriceOptions,
    check: groups.CheckOptions,
    out: _Asked,
    data: EvidenceOptions,
) -> object:
    return question_of(
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


_COMMAND = reading_of("recommend", _read)


def question_in(arguments: Sequence[str]) -> Question:
    """Return the question that the options of `advisor recommend` ask, such as ``("--qps", "50")``.

    Raises
    ------
    InputError
        If an option is unknown or a value is none, as on the command line.
    AdvisorError
        What the command itself would say of a question that cannot be read.
    """
    found: Question = _COMMAND(arguments)
    return found
