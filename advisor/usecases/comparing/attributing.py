"""Why the price changed: the first question answered again with one cause after another of the second answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.domain.comparison import Attribution, Substitution
from advisor.errors import InfeasibleError, InputError
from advisor.usecases.comparing.question_changes import groups_that_differ
from advisor.usecases.plan_changes import offer_key, offers_of, plan_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.domain.answer import Recommendation
    from advisor.domain.knowledge import Knowledge
    from advisor.domain.question import Question

NOT_ATTRIBUTABLE = "not attributable: evidence or code"

OWN_RUNS = "own runs"


def is_repeatable(question: Question) -> bool:
    """Say whether JSON carries a question whole: the times of a trace are left out of it."""
    return not question.workload.pairs or question.burstiness is not None


def check_repeatable(answer: Recommendation, name: str, *, hint: str) -> None:
    """Stop at an answer whose question its JSON does not carry whole.

    Parameters
    ----------
    answer
        The answer.
    name
        What it is called.
    hint
        What its user can do instead.

    Raises
    ------
    InputError
        If the question lent the times of its arrivals from a trace.
    """
    question = answer.question
    if not is_repeatable(question):
        raise InputError(
            f"{name} was made from the trace {question.workload.name}, whose times of arrival it does not carry",
            hint=hint,
        )


Ask = Callable[["Question", "Knowledge | None"], "Recommendation"]
"""Answers a question with the profiles of today, and the runs of the user that were known; None for those of today."""


def attribute(before: Recommendation, after: Recommendation, *, ask: Ask) -> Attribution:
    """Return how the change of the price per hour comes about, by substitution.

    The user's own runs come first, where both answers tell which they knew, then each group of fields of the question that
    differs: taken from the second answer alone, and in turn with those before it. The effects in turn add up to what the
    second question costs more than the first today; alone they need not.

    Parameters
    ----------
    before, after
        The two answers.
    ask
        Answers a question anew.
    """
    start, moves = _start(before, after), _moves(before, after)
    today = _answered(start, ask)
    steps = _substituted(start, moves, first=today, ask=ask)
    last_usd = steps[-1].in_turn_usd_per_hour if steps else today.usd_per_hour
    price = _price_change(before, after)
    return Attribution(
        price_change_usd_per_hour=price,
        first_question_today_usd_per_hour=today.usd_per_hour,
        second_question_today_usd_per_hour=last_usd,
        substitutions=tuple(steps),
        rest_change_usd_per_hour=_rest(before, after, _minus(last_usd, today.usd_per_hour), price),
        rest_is=NOT_ATTRIBUTABLE,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, and the runs of the user that an answer to it may know."""

    question: Question
    known: Knowledge | None


@dataclass(frozen=True, slots=True)
class _Move:
    """One cause: what it is called, the fields it changes, and how it changes what is asked."""

    group: str
    fields: tuple[str, ...]
    apply: Callable[[_Asked], _Asked]


def _start(before: Recommendation, after: Recommendation) -> _Asked:
    return _Asked(before.question, before.known if after.known else None)


def _moves(before: Recommendation, after: Recommendation) -> tuple[_Move, ...]:
    """Return what leads from the first answer to the second, in the order in which it is substituted."""
    was, now = before.known, after.known
    runs: tuple[_Move, ...] = ()
    if was and now and (was.rows, was.runs, was.allow_simulated) != (now.rows, now.runs, now.allow_simulated):
        runs = (_Move(OWN_RUNS, ("rows", "runs"), lambda asked: replace(asked, known=now)),)
    return (
        *runs,
        *(_taken(after.question, *group) for group in groups_that_differ(before.question, after.question).items()),
    )


def _taken(question: Question, group: str, fields: tuple[str, ...]) -> _Move:
    """Return the move that takes some fields from a question."""
    update = {field: getattr(question, field) for field in fields}
    return _Move(group, fields, lambda asked: replace(asked, question=asked.question.model_copy(update=update)))


@dataclass(frozen=True, slots=True)
class _Answered:
    """What a question costs today; None where nothing meets it, with the sentence that says so."""

    usd_per_hour: Decimal | None
    plan: str
    problem: str = ""


def _answered(asked: _Asked, ask: Ask) -> _Answered:
    try:
        best = ask(asked.question, asked.known).decision.candidate
    except InfeasibleError as problem:
        return _Answered(None, "", str(problem))
    return _Answered(best.usd_per_hour, plan_in_words(best))


def _substituted(start: _Asked, moves: Iterable[_Move], *, first: _Answered, ask: Ask) -> list[Substitution]:
    steps: list[Substitution] = []
    here, last = start, first
    for move in moves:
        here = move.apply(here)
        alone = _answered(move.apply(start), ask)
        in_turn = _answered(here, ask) if steps else alone
        steps.append(
            Substitution(
                group=move.group,
                fields=move.fields,
                alone_usd_per_hour=alone.usd_per_hour,
                alone_change_usd_per_hour=_minus(alone.usd_per_hour, first.usd_per_hour),
                in_turn_usd_per_hour=in_turn.usd_per_hour,
                in_turn_change_usd_per_hour=_minus(in_turn.usd_per_hour, last.usd_per_hour),
                in_turn_plan=in_turn.plan,
                problem=in_turn.problem or alone.problem,
            )
        )
        last = in_turn
    return steps


def _minus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other


def _price_change(before: Recommendation, after: Recommendation) -> Decimal | None:
    """Return what the first plan costs more per hour at the price that the second answer has of its offer."""
    best = before.decision.candidate
    now = offers_of(after).get(offer_key(best))
    return None if now is None else (now.usd_per_hour_each - best.offer.usd_per_hour_each) * best.offer.shapes


def _rest(
    before: Recommendation, after: Recommendation, asked: Decimal | None, price: Decimal | None
) -> Decimal | None:
    whole = after.decision.candidate.usd_per_hour - before.decision.candidate.usd_per_hour
    return None if asked is None else whole - asked - (price or Decimal(0))
