"""The log of recommendations: what was asked and answered, by which version, knowing which runs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from advisor import __version__
from advisor.domain.basis import Basis
from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.given import GivenRecommendation
    from advisor.usecases.grounding.shipped import Shipped

SIMULATED_EVIDENCE = "simulated_evidence"
"""The code of the warning that a figure rests on runs of the demo engine."""


def remember(answer: Recommendation, *, database: str | None, complain: Callable[[str], None]) -> None:
    """Add a recommendation to the log of the database in use. Where there is none, none is made.

    Parameters
    ----------
    answer
        What was recommended.
    database
        Address of the user's own measurements; None means the usual one.
    complain
        Takes a sentence where the database cannot be written.
    """
    from advisor import store  # noqa: PLC0415 - only a run with a database pays for it
    from advisor.store.locations import is_blank  # noqa: PLC0415 - likewise

    url = database or store.default_url()
    if is_blank(url):
        return
    try:
        store.log_recommendation(
            url, given_of(answer), question=answer.question.model_dump_json(), answer=answer.model_dump_json()
        )
    except AdvisorError as problem:
        complain(f"this answer is not in the log of recommendations: {problem}")


def given_of(answer: Recommendation) -> GivenRecommendation:
    """Return the line of the log that stands for a recommendation."""
    from advisor.domain.given import GivenRecommendation  # noqa: PLC0415 - likewise

    best, question = answer.decision.candidate, answer.question
    return GivenRecommendation(
        given_at=answer.generated_at,
        question=f"{question.qps:g} qps of {question.workload.name} within {' and '.join(map(str, question.slo))}",
        plan=f"{best.replicas} x {best.contender} {best.precision} on {_layout(best)}, {best.max_num_seqs} slots, {_offer(best)}",
        usd_per_month=best.usd_per_month,
        basis=_basis_of(answer),
        advisor_version=__version__,
        evidence_digest=answer.evidence_digest,
    )


def _basis_of(answer: Recommendation) -> Basis:
    """Return how an answer is known: one that was chosen among simulated speeds is simulated, whatever its own plan rests on."""
    shown = (*answer.candidates, *filter(None, answer.best_by_contender.values()))
    simulated = any(plan.basis is Basis.SIMULATED for plan in shown)
    warned = any(caution.code == SIMULATED_EVIDENCE for caution in answer.warnings)
    return Basis.SIMULATED if simulated or warned else answer.decision.candidate.basis


def evidence_digest(shipped: Shipped) -> str:
    """Return what stands for the user's own runs and rows that count; nothing where there are none."""
    entered = (row.id for row in shipped.measurements if row.basis is not Basis.PUBLISHED)
    runs = (name for row in shipped.own.rows for name in row.run_ids)
    names = sorted({*entered, *runs, *(run.id for run in shipped.own.at_rates)})
    return sha256("\n".join(names).encode()).hexdigest() if names else ""


def _layout(plan: Candidate) -> str:
    return plan.gpu if plan.tensor_parallel == 1 else f"{plan.tensor_parallel}x {plan.gpu}"


def _offer(plan: Candidate) -> str:
    return f"{plan.offer.price_basis} at {plan.offer.provider}"
