"""A question in the words of the command line, as a value: what links, buttons and other programs ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from advisor.cli import recommend_options as groups
from advisor.cli.arrival_options import ArrivalOptions, LoadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.commanding import Command, add
from advisor.cli.failing import UsageError, in_words
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.quality_options import QualityOptions  # noqa: TC001 - likewise
from advisor.cli.recommend import question_of
from advisor.errors import InputError

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


_APP = typer.Typer(name="advisor", rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
add(_APP, Command("recommend", _read, "Read a question.", ()))
_COMMAND = typer.main.get_command(_APP)


def question_in(arguments: Sequence[str]) -> Question:
    """Return the question that the options of `advisor recommend` ask, such as ``("--qps", "50")``.

    Raises
    ------
    InputError
        If an option is unknown or a value is none, as on the command line.
    AdvisorError
        What the command itself would say of a question that cannot be read.
    """
    try:
        found: Question = _COMMAND.main(list(arguments), prog_name="advisor recommend", standalone_mode=False)
    except UsageError as problem:
        message, hint = in_words(problem)
        raise InputError(message, hint=hint) from None
    return found
