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
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from advisor.domain.question import Question
    from advisor.domain.workload import Workload


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


class LostFileError(InputError):
    """A `CalledFile` that is not there. It may come back at any moment, so that nobody should keep this as an answer."""


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
        If an option is unknown or a value is none, as on the command line.
    LostFileError
        If a `CalledFile` is not there.
    AdvisorError
        What the command itself would say of a question that cannot be read.
    """
    found: Question
    found, files = read_with_files(_COMMAND, arguments)
    return _called(found, files)


def read_with_files(
    read: Callable[[Sequence[str]], Any], arguments: Sequence[str]
) -> tuple[Any, dict[str, CalledFile]]:
    """Return what the options of a command ask, and the files among them by their options; errors call those by their names.

    Raises
    ------
    LostFileError
        If one of the files is not there.
    AdvisorError
        What the command itself would say of options that cannot be read.
    """
    files = {option: word for option, word in pairwise(arguments) if isinstance(word, CalledFile)}
    for file in files.values():
        if not Path(file).is_file():
            raise LostFileError(f"{file.called} is not on this server", hint="upload it, in the form")
    try:
        return read(arguments), files
    except AdvisorError as problem:
        problem.args = (_told(str(problem), files.values()),)
        raise


def trace_called(workload: Workload, trace: CalledFile) -> Workload:
    """Return the workload of a trace, called as its file is."""
    named = {"name": file_name(Path(trace.called), default="trace"), "title": f"trace {trace.called}"}
    return workload.model_copy(update=named)


def _told(message: str, files: Iterable[CalledFile]) -> str:
    for file in files:
        message = message.replace(file, file.called)
    return message


def _called(question: Question, files: Mapping[str, CalledFile]) -> Question:
    """Return a question that names its files as they are called."""
    changed: dict[str, Any] = {}
    if trace := files.get("--trace"):
        changed["workload"] = trace_called(question.workload, trace)
    if (grades := files.get("--quality-floor-from")) and question.quality:
        changed["quality"] = question.quality.model_copy(update={"grades_file": grades.called})
    return question.model_copy(update=changed) if changed else question
