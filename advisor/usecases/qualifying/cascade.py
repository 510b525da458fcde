"""A cascade of two models behind a check of replies: two fleets, sized like any other plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.basis import Basis
from advisor.domain.quality_answer import Cascade
from advisor.domain.slo import Metric
from advisor.errors import InfeasibleError
from advisor.planning.quality import Escalation
from advisor.usecases.passing import percent
from advisor.usecases.plan_changes import plan_in_words
from advisor.usecases.plans import seconds
from advisor.usecases.qualifying.costs import PLACES, dollars, total, usd_per_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.model import ModelSpec
    from advisor.domain.quality_answer import PassRate
    from advisor.domain.quality_question import CascadeTerms
    from advisor.domain.question import Question

LEAST_QPS = 1e-6
"""Least rate that a question may ask for: a check that rejects nothing still has a second fleet."""


class NoCascadeError(Exception):
    """There is no such cascade; the message says why."""


def cascade_of(
    terms: CascadeTerms,
    answer: Recommendation,
    rates: Mapping[str, PassRate],
    *,
    models: Sequence[ModelSpec],
    ask: Callable[[Question], Recommendation],
) -> Cascade:
    """Return the cascade of the diffusion model and then the best autoregressive one, with what it costs.

    The first fleet is sized for the whole rate, the second for the share that the check rejects. Floors of quality hold
    for neither of them alone.

    Parameters
    ----------
    terms
        The check that the user has.
    answer
        The recommendation; plans of it are taken where they are the ones that are needed.
    rates
        Pass rates by model.
    models
        The models that are compared, those that a floor rules out too.
    ask
        Answers another question from the same profiles and runs.

    Raises
    ------
    NoCascadeError
        If a model or a pass rate is lacking, or a stage meets nothing.
    """
    first, second = _stages(models, rates)
    escalation = Escalation(rates[first].pass_share, rates[second].pass_share, terms.right_share)
    front = _front(first, answer, ask)
    back = _back(second, answer.question, front, escalation, ask)
    return _cascade(terms, escalation, _Fleets(front, back, _alone(second, answer, ask)), answer.question)


def _stages(models: Sequence[ModelSpec], rates: Mapping[str, PassRate]) -> tuple[str, str]:
    """Return the diffusion model and the other model that passes most often."""
    rated = [model for model in models if model.name in rates]
    firsts = [model.name for model in rated if model.canvas]
    seconds_ = sorted((model.name for model in rated if not model.canvas), key=lambda name: -rates[name].pass_share)
    if not firsts or not seconds_:
        raise NoCascadeError("it takes a diffusion and an autoregressive model with pass rates of both")
    return firsts[0], seconds_[0]


def _front(model: str, answer: Recommendation, ask: Callable[[Question], Recommendation]) -> Candidate:
    """Return the plan of the first model for all requests."""
    found = answer.best_by_model.get(model)
    return found or _asked(model, answer.question, answer.question.qps, ask)


def _back(
    model: str,
    question: Question,
    front: Candidate,
    escalation: Escalation,
    ask: Callable[[Question], Recommendation],
) -> Candidate:
    """Return the plan of the second model for what is rejected, within the GPUs that the first one leaves."""
    left = None if question.max_gpus is None else question.max_gpus - front.gpus
    if left is not None and left < 1:
        raise NoCascadeError(f"{model} finds none of the {question.max_gpus} GPU(s) left by the first fleet")
    qps = max(question.qps * escalation.rejected_share, LEAST_QPS)
    return _asked(model, question.model_copy(update={"max_gpus": left}), qps, ask)


def _alone(model: str, answer: Recommendation, ask: Callable[[Question], Recommendation]) -> Candidate | None:
    """Return the plan of the second model for all requests; None where it meets nothing."""
    if model in answer.best_by_model:
        return answer.best_by_model[model]
    try:
        return _asked(model, answer.question, answer.question.qps, ask)
    except NoCascadeError:
        return None


def _asked(model: str, question: Question, qps: float, ask: Callable[[Question], Recommendation]) -> Candidate:
    lone = {"models": (model,), "qps": qps, "min_quality": {}, "quality": None, "draws": 0}
    try:
        return ask(question.model_copy(update=lone)).decision.candidate
    except InfeasibleError as problem:
        raise NoCascadeError(f"{model} at {qps:.4g} qps: {problem}") from None


@dataclass(frozen=True, slots=True)
class _Fleets:
    """The first model for all requests, the second for the rejected ones, and the second alone for all."""

    front: Candidate
    back: Candidate
    alone: Candidate | None

    @property
    def worst_s(self) -> float:
        """Sum of the e2e p95 of both: no request that is escalated knows a percentile of its own."""
        return (self.front.latency.e2e_p95_ms + self.back.latency.e2e_p95_ms) / 1e3


@dataclass(frozen=True, slots=True)
class _Bill:
    """Costs per request: of the first model, of the cascade, and of the second model alone, plain and with mistakes."""

    first_usd: Decimal
    usd: Decimal
    mistaken_usd: Decimal | None
    alone_usd: Decimal | None
    alone_mistaken_usd: Decimal | None

    @property
    def ratio(self) -> float | None:
        """Cost of the first model over that of the second alone."""
        return None if self.alone_usd is None else float(self.first_usd / self.alone_usd)


def _bill(terms: CascadeTerms, escalation: Escalation, fleets: _Fleets, question: Question) -> _Bill:
    qps, mistake_usd = question.qps, question.quality.mistake_usd if question.quality else None
    usd = usd_per_request(fleets.front.usd_per_hour + fleets.back.usd_per_hour, qps) + terms.check_usd
    alone_usd = None if fleets.alone is None else usd_per_request(fleets.alone.usd_per_hour, qps)
    return _Bill(
        first_usd=usd_per_request(fleets.front.usd_per_hour, qps),
        usd=round(usd, PLACES),
        mistaken_usd=None if mistake_usd is None else total(usd, escalation.pass_share, mistake_usd),
        alone_usd=alone_usd,
        alone_mistaken_usd=(
            None
            if alone_usd is None or mistake_usd is None
            else total(alone_usd, escalation.second_pass_share, mistake_usd)
        ),
    )


def _less(one: Decimal | None, other: Decimal | None) -> bool | None:
    return None if one is None or other is None else one < other


def _cascade(terms: CascadeTerms, escalation: Escalation, fleets: _Fleets, question: Question) -> Cascade:
    front, back, bill = fleets.front, fleets.back, _bill(terms, escalation, fleets, question)
    below = None if bill.alone_usd is None else escalation.pays_below(terms.check_usd, bill.alone_usd)
    return Cascade(
        checker=terms.checker,
        check_usd=terms.check_usd,
        right_share=terms.right_share,
        first_model=front.model,
        second_model=back.model,
        first_plan=plan_in_words(front),
        second_plan=plan_in_words(back),
        accepted_share=escalation.accepted_share,
        pass_share=escalation.pass_share,
        usd_per_request=bill.usd,
        usd_with_mistakes=bill.mistaken_usd,
        second_alone_usd_per_request=bill.alone_usd,
        second_alone_usd_with_mistakes=bill.alone_mistaken_usd,
        pays=_less(bill.usd, bill.alone_usd),
        pays_with_mistakes=_less(bill.mistaken_usd, bill.alone_mistaken_usd),
        cost_share=bill.ratio,
        pays_below_share=below,
        worst_e2e_p95_ms=fleets.worst_s * 1e3,
        basis=max(front.basis, back.basis, key=tuple(Basis).index),
        sentence=" ".join(
            (
                _shape_in_words(terms, escalation, fleets, bill.usd),
                *_too_long(question, fleets.worst_s),
                *_verdict_in_words(back.model, bill, below),
            )
        ),
    )


def _shape_in_words(terms: CascadeTerms, escalation: Escalation, fleets: _Fleets, usd: Decimal) -> str:
    return (
        f"{fleets.front.model} first, checked by {terms.checker}, then {fleets.back.model} for the "
        f"{percent(escalation.rejected_share)} that are rejected: {dollars(usd)} per request, "
        f"{percent(escalation.pass_share)} pass, e2e p95 of an escalated request up to {seconds(fleets.worst_s)} and the time "
        "of the check."
    )


def _too_long(question: Question, worst_s: float) -> Iterator[str]:
    broken = [str(limit) for limit in question.limits if limit.metric is Metric.E2E and limit.limit_s < worst_s]
    if broken:
        yield f"That is longer than {' and '.join(broken)}, which each fleet keeps for its own part."


def _verdict_in_words(second: str, bill: _Bill, below: float | None) -> Iterator[str]:
    if bill.alone_usd is None or below is None:
        yield f"{second} alone meets nothing to compare it with."
        return
    pays = "it pays" if bill.usd < bill.alone_usd else "it does not pay"
    yield f"Against {dollars(bill.alone_usd)} for {second} alone {pays}. {_threshold_in_words(bill, below)}"
    if bill.mistaken_usd is not None and bill.alone_mistaken_usd is not None:
        pays = "it pays" if bill.mistaken_usd < bill.alone_mistaken_usd else "it does not pay"
        yield f"With mistakes {dollars(bill.mistaken_usd)} stand against {dollars(bill.alone_mistaken_usd)}: {pays}."


def _threshold_in_words(bill: _Bill, below: float) -> str:
    """Say how cheap the first model has to be, or that the check eats up all that accepted replies save."""
    if below <= 0:
        return "No price of the first model makes it pay: the check alone costs more than accepted replies save."
    return (
        f"It tends to where the first model costs less than {below:.2f} of that (share accepted less the check over it); "
        f"here it costs {bill.ratio:.2f} of it."
    )
