"""`advisor compare`: what changed between two recommendations, and why."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from advisor import __version__, store
from advisor.catalog.answers import answer_in, read_answer
from advisor.domain.answer import Caution
from advisor.domain.comparison import ComparedAnswer, Comparison
from advisor.errors import UnknownNameError
from advisor.usecases.comparing.attributing import attribute, check_repeatable
from advisor.usecases.comparing.differences import changes
from advisor.usecases.keeping import existing
from advisor.usecases.plan_changes import plan_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.answer import Recommendation
    from advisor.domain.knowledge import Knowledge
    from advisor.domain.question import Question

WITHOUT_TIMES = "leave out --attribute; an answer with --burstiness can be taken apart"
_NUMBER = re.compile(r"#?([1-9]\d{0,17})")


def compare(
    first: str,
    second: str,
    *,
    attributed: bool,
    profiles: Path | None,
    database: str | None,
    allow_simulated: bool = False,
    say: Callable[[str], None] | None = None,
) -> Comparison:
    """Return what changed from the first recommendation to the second.

    Parameters
    ----------
    first, second
        A file with the JSON of a recommendation, or the number of one in the log; a file of that name comes first.
    attributed
        Whether the first question is answered again with each group of fields of the second one.
    profiles, database, allow_simulated
        What questions are answered from, and where the log is.
    say
        Takes the name of what is simulated next.

    Raises
    ------
    DataError
        If a file or an entry of the log is no recommendation, or there is no such database.
    UnknownNameError
        If the log has no such number.
    InputError
        If a question that is to be answered again came from a trace.
    """
    before, after = read(first, database=database), read(second, database=database)
    taken_apart = None
    if attributed:
        for answer, name in ((before, first), (after, second)):
            check_repeatable(answer, name, hint=WITHOUT_TIMES)
        ask = partial(_ask, profiles=profiles, database=database, allow_simulated=allow_simulated, say=say)
        taken_apart = attribute(before, after, ask=ask)
    was, now = compared(before, first), compared(after, second)
    return Comparison(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        before=was,
        after=now,
        summary=summary(was, now),
        usd_per_hour_change=now.usd_per_hour - was.usd_per_hour,
        usd_per_month_change=now.usd_per_month - was.usd_per_month,
        changes=changes(before, after),
        attribution=taken_apart,
        warnings=tuple(_cautions(before, after)),
    )


def read(name: str, *, database: str | None) -> Recommendation:
    """Return the recommendation in a file, or in the log under a number.

    Raises
    ------
    DataError
        If there is no such file or database, or what is there is no recommendation.
    UnknownNameError
        If the log has no such number.
    """
    number = _NUMBER.fullmatch(name)
    if number is None or Path(name).exists():
        return read_answer(Path(name))
    with store.open_store(existing(database)) as held:
        text = held.recommendation(int(number[1]))
        versions = {str(given.number): given.advisor_version for given in held.recommendations()}
    if text is None:
        raise UnknownNameError("recommendation", name, versions or ["none is in the log"])
    answer = answer_in(text, where=f"recommendation {number[1]}")
    told = answer.advisor_version or versions[number[1]]  # older answers leave the version to the log
    return answer.model_copy(update={"advisor_version": told})


def _ask(
    question: Question,
    known: Knowledge | None,
    *,
    profiles: Path | None,
    database: str | None,
    allow_simulated: bool,
    say: Callable[[str], None] | None,
) -> Recommendation:
    from advisor.usecases.recommend import recommend  # noqa: PLC0415 - a comparison alone needs no planning

    return recommend(
        question.model_copy(update={"draws": 0}),  # intervals change no price
        profiles=profiles,
        database=database,
        allow_simulated=allow_simulated if known is None else known.allow_simulated,
        known=known,
        say=say,
    )


def compared(answer: Recommendation, name: str) -> ComparedAnswer:
    """Return what the comparison says of one answer."""
    best = answer.decision.candidate
    return ComparedAnswer(
        name=name,
        generated_at=answer.generated_at,
        advisor_version=answer.advisor_version,
        verdict=answer.decision.verdict,
        contender=best.contender,
        plan=plan_in_words(best),
        replicas=best.replicas,
        gpus=best.gpus,
        usd_per_hour=best.usd_per_hour,
        usd_per_month=best.usd_per_month,
        basis=best.basis,
    )


def summary(before: ComparedAnswer, after: ComparedAnswer) -> str:
    """Return the decision before and after in one sentence, with the difference of money and its sign."""
    change = after.usd_per_month - before.usd_per_month
    winner = (
        f"The choice remains {before.contender}"
        if before.contender == after.contender
        else f"The choice changes from {before.contender} to {after.contender}"
    )
    sign = "+" if change > 0 else "-" if change < 0 else ""
    share = f", {float(change / before.usd_per_month):+.1%}".replace("%", " %") if before.usd_per_month else ""
    return (
        f"{winner}: {before.plan} for ${before.usd_per_hour:,.2f}/h before, {after.plan} for "
        f"${after.usd_per_hour:,.2f}/h after: {sign}${abs(change):,.2f} per month{share if change else ''}."
    )


def _cautions(before: Recommendation, after: Recommendation) -> Iterator[Caution]:
    if after.generated_at < before.generated_at:
        yield Caution(code="order", message="the second answer is older than the first: changes are told backwards")
    if not before.advisor_version or not after.advisor_version:
        yield Caution(
            code="version_not_told",
            message="an answer does not tell the version of advisor that made it: a change of code cannot be ruled out",
        )
