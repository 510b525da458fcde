"""A question in the words of the command line, as a value: what links, buttons and other programs ask with."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from advisor.catalog.names import file_name
from advisor.cli import recommend_options as groups
from advisor.cli.arrival_options import ArrivalOptions, LoadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.asking_again import reading_of
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.quality_options import QualityOptions  # noqa: TC001 - likewise
from advisor.cli.recommend import question_of
from advisor.errors import AdvisorError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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


class CalledFile(str):
    """The path of a file that is told by another name than its own: an upload is called as its visitor calls it."""

    __slots__ = ("called",)

    called: str

    def __new__(cls, path: str, *, called: str) -> Self:
        """Return a path, and remember the name."""
        made = super().__new__(cls, path)
        made.called = called
        return made


def question_in(arguments: Sequence[str]) -> Question:
    """Return the question that the options of `advisor recommend` ask, such as ``("--qps", "50")``.

    Files among them may be `CalledFile`: question and errors then name them as they are called.

    Raises
    ------
    InputError
        If an option is unknown or a value is none, as on the command line, or a `CalledFile` is not there.
    AdvisorError
        What the command itself would say of a question that cannot be read.
    """
    files = {option: word for option, word in pairwise(arguments) if isinstance(word, CalledFile)}
    for file in files.values():
        if not Path(file).is_file():
            raise InputError(f"{file.called} is not on this server any more", hint="upload it again, in the form")
    try:
        found: Question = _COMMAND(arguments)
    except AdvisorError as problem:
        problem.args = (_told(str(problem), files.values()),)
        raise
    return _called(found, files)


def _told(message: str, files: Iterable[CalledFile]) -> str:
    for file in files:
        message = message.replace(file, file.called)
    return message


def _called(question: Question, files: Mapping[str, CalledFile]) -> Question:
    """Return a question that names its files as they are called."""
    changed: dict[str, Any] = {}
    if trace := files.get("--trace"):
        named = {"name": file_name(Path(trace.called), default="trace"), "title": f"trace {trace.called}"}
        changed["workload"] = question.workload.model_copy(update=named)
    if (grades := files.get("--quality-floor-from")) and question.quality:
        changed["quality"] = question.quality.model_copy(update={"grades_file": grades.called})
    return question.model_copy(update=changed) if changed else question
