"""Quality beside the decision: pass rates, cost per success and with mistakes, and a cascade where a check is named."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from advisor.domain.quality_answer import Cascade, QualityDecision
from advisor.usecases.passing import pass_rates
from advisor.usecases.qualifying.cascade import NoCascadeError, cascade_of
from advisor.usecases.qualifying.costs import mistakes_of, model_costs
from advisor.usecases.scope import benchmark_named, compared_models, quality_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from advisor.domain.answer import Recommendation
    from advisor.domain.model import ModelSpec
    from advisor.domain.quality_answer import PassRate
    from advisor.domain.quality_question import QualityTerms
    from advisor.domain.question import Question
    from advisor.usecases.grounding.shipped import Shipped

RANKS = (
    "cost over pass rate ranks the models: a task that failed once fails more often again, so it is no plan to repeat"
)
ALIKE = "a pass rate is taken to be that of every precision of its model"


def qualified(question: Question, shipped: Shipped, *, ask: Callable[[Question], Recommendation]) -> Recommendation:
    """Return the answer to a question with what it asks about quality, and the scores of all models that it compares.

    Parameters
    ----------
    question
        What is asked; models that a floor rules out are left out of the plans, not of the scores.
    shipped
        The models and their scores.
    ask
        Answers a question without regard to anything but its floors.

    Raises
    ------
    UnknownNameError
        If a benchmark is unknown.
    InputError
        If the benchmark is no share of tasks that pass.
    InfeasibleError
        If no allowed model meets the objectives.
    """
    models, terms = compared_models(question, shipped), question.quality
    rates = {} if terms is None else _rates(terms, models)
    answer = ask(question)
    decided = None if terms is None else _decided(terms, answer, rates, models=models, ask=ask)
    return answer.model_copy(update={"quality": quality_of(models), "quality_decision": decided})


def _rates(terms: QualityTerms, models: Sequence[ModelSpec]) -> dict[str, PassRate]:
    name = terms.success_benchmark
    return pass_rates(terms, models, benchmark=None if name is None else benchmark_named(name, models))


def _decided(
    terms: QualityTerms,
    answer: Recommendation,
    rates: Mapping[str, PassRate],
    *,
    models: Sequence[ModelSpec],
    ask: Callable[[Question], Recommendation],
) -> QualityDecision:
    costs = model_costs(answer, rates, terms)
    cascade, why_none = _cascade(terms, answer, rates, models=models, ask=ask)
    return QualityDecision(
        pass_rates=tuple(rates.values()),
        costs=costs,
        mistakes=mistakes_of(costs, answer.decision.candidate.model, terms.mistake_usd),
        cascade=cascade,
        no_cascade=why_none,
        notes=tuple(_notes(terms, rates, models)),
    )


def _cascade(
    terms: QualityTerms,
    answer: Recommendation,
    rates: Mapping[str, PassRate],
    *,
    models: Sequence[ModelSpec],
    ask: Callable[[Question], Recommendation],
) -> tuple[Cascade | None, str]:
    if terms.cascade is None:
        return None, ""
    try:
        return cascade_of(terms.cascade, answer, rates, models=models, ask=ask), ""
    except NoCascadeError as problem:
        return None, str(problem)


def _notes(terms: QualityTerms, rates: Mapping[str, PassRate], models: Sequence[ModelSpec]) -> Iterator[str]:
    """Yield what else must be known to read the figures."""
    compared = {model.name for model in models}
    left_out = [grades.model for grades in terms.grades if grades.model not in compared]
    if left_out:
        yield f"grades of {', '.join(left_out)} are not used: the question compares {', '.join(sorted(compared))}"
    for rate in rates.values():
        if rate.tasks is not None and rate.graded is not None and rate.tasks < rate.graded:
            yield (
                f"{rate.graded} answers of {rate.model} are to {rate.tasks} tasks: answers to one task resemble each other, "
                "so that the interval is wider than shown"
            )
    for one, other in combinations(rates.values(), 2):
        if _overlap(one, other):
            yield f"the intervals of {one.model} and {other.model} overlap: the grades do not tell yet which passes more often"
    if rates:
        yield RANKS
        yield ALIKE
    if any(rate.graded is None for rate in rates.values()):
        yield "a benchmark stands for your tasks here: that they pass as often is assumed, not measured"
    if terms.cascade is not None:
        yield "that the second model passes as often on what the first one failed is assumed: hard tasks are hard for both"


def _overlap(one: PassRate, other: PassRate) -> bool:
    if one.low_share is None or one.high_share is None or other.low_share is None or other.high_share is None:
        return False
    return one.low_share <= other.high_share and other.low_share <= one.high_share
