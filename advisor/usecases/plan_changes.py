"""Which plans of two recommendations are the same, and which came, went or were rejected for another reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.answer import Candidate, OfferLine, Recommendation

PlanKey = tuple[str, str, str, int, str]
OfferKey = tuple[str, str, str, str, int, str]
Difference = tuple[str, str | None, str | None]


def plan_key(plan: Candidate) -> PlanKey:
    """Return what makes two plans of two answers the same: contender, precision, GPU layout and price basis."""
    return (plan.contender, plan.precision, plan.gpu, plan.tensor_parallel, plan.offer.price_basis)


def title_of(plan: Candidate) -> str:
    """Return how such plans are called."""
    layout = plan.gpu if plan.tensor_parallel == 1 else f"{plan.tensor_parallel}x {plan.gpu}"
    return f"{plan.contender} {plan.precision} on {layout}, {plan.offer.price_basis}"


def plan_in_words(plan: Candidate) -> str:
    """Return a plan with its size: ``4 x gemma-4-26b-a4b fp8 on h100-sxm-80gb``."""
    layout = plan.gpu if plan.tensor_parallel == 1 else f"({plan.tensor_parallel}x {plan.gpu})"
    return f"{plan.replicas} x {plan.contender} {plan.precision} on {layout}"


def plans_of(answer: Recommendation) -> dict[PlanKey, Candidate]:
    """Return every plan that an answer shows, the chosen one first."""
    decision = answer.decision
    best = (*answer.best_by_model.values(), *answer.best_by_contender.values())
    shown = (decision.candidate, decision.runner_up, *answer.candidates, *best)
    found: dict[PlanKey, Candidate] = {}
    for plan in shown:
        if plan is not None:
            found.setdefault(plan_key(plan), plan)
    return found


def offers_of(answer: Recommendation) -> dict[OfferKey, OfferLine]:
    """Return the offers that the plans of an answer are rented with, each under what makes it the same offer."""
    found: dict[OfferKey, OfferLine] = {}
    for plan in plans_of(answer).values():
        found.setdefault(offer_key(plan), plan.offer)
    return found


def offer_key(plan: Candidate) -> OfferKey:
    """Return what makes the offer of a plan the same as that of another one, whatever its price and date."""
    offer = plan.offer
    return (plan.gpu, offer.provider, offer.instance_type, offer.region, offer.gpu_count, offer.price_basis)


def candidate_changes(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    """Yield the plans that came, went, or have another size, rent or price; the ones of the first answer come first."""
    were, are = plans_of(before), plans_of(after)
    for key in dict.fromkeys((*were, *are)):
        title = title_of(were.get(key) or are[key])
        yield title, _standing(were.get(key), key, before), _standing(are.get(key), key, after)


def _standing(plan: Candidate | None, key: PlanKey, answer: Recommendation) -> str:
    """Return size and price of a plan, or why an answer does not show it."""
    if plan is not None:
        chosen = ", chosen" if plan == answer.decision.candidate else ""
        return (
            f"{plan.replicas} x {plan.max_num_seqs} slots at {plan.offer.provider}, ${plan.usd_per_hour:,.2f}/h{chosen}"
        )
    contender, precision, gpu, tensor_parallel, _ = key
    layout = gpu if tensor_parallel == 1 else f"{tensor_parallel}x {gpu}"
    label = f"{contender} {precision} on {layout}"
    reasons = _rejections(answer).get((contender, label), ())
    return f"rejected: {reasons[0]}" if reasons else "not shown"


def rejection_changes(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    """Yield the deployments that were rejected for other reasons; those that became plans or were plans are told there."""
    shown = {_rejected_label(key) for answer in (before, after) for key in plans_of(answer)}
    were, are = _rejections(before), _rejections(after)
    for key in dict.fromkeys((*were, *are)):
        _, label = key
        if label not in shown:
            yield f"rejected {label}", _reasons(were.get(key)), _reasons(are.get(key))


def _rejected_label(key: PlanKey) -> str:
    contender, precision, gpu, tensor_parallel, _ = key
    return f"{contender} {precision} on {gpu if tensor_parallel == 1 else f'{tensor_parallel}x {gpu}'}"


def _reasons(found: tuple[str, ...] | None) -> str | None:
    return "; ".join(found) if found else None


def _rejections(answer: Recommendation) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the different reasons of each rejected deployment."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for line in answer.rejected:
        reasons = found.setdefault((line.contender, line.deployment), {})
        reasons[f"{line.constraint}: {line.reason}"] = None
    return {key: tuple(reasons) for key, reasons in found.items()}
