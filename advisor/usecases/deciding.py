"""The decision in one sentence, and the sentence when there is none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from advisor.domain.answer import Candidate, Decision, Verdict
from advisor.domain.basis import Basis
from advisor.errors import InfeasibleError
from advisor.planning.ranking import TIE_SHARE
from advisor.usecases.bounds import idle_latency_s
from advisor.usecases.plans import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.domain.answer import Rejected
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question
    from advisor.domain.slo import Objective
    from advisor.usecases.curves import Curve
    from advisor.usecases.plans import Plan


def decide(
    winner: Plan,
    other: Plan | None,
    candidates: Mapping[int, Candidate],
    *,
    rejected: Sequence[Rejected],
    models: Sequence[ModelSpec],
) -> Decision:
    """Return the verdict, its sentence, and the candidates it is about."""
    best = candidates[id(winner)]
    if other is None:
        reason = f"{_loudly(candidates, best)}{_plan_in_words(winner, best)}{_why_alone(winner, rejected, models)}. Basis: {best.basis}."
        return Decision(verdict=Verdict.ONLY_FEASIBLE, reason=reason, candidate=best, runner_up=None, saving_share=None)
    rival = candidates[id(other)]
    tie = other.usd <= winner.usd * (1 + TIE_SHARE)
    comparison = _tie(winner, other) if tie else _gap(winner, other, rival)
    weakest = best.basis if best.basis == rival.basis else f"{best.basis} against {rival.basis}"
    return Decision(
        verdict=Verdict.TIE if tie else Verdict.CHEAPER,
        reason=f"{_loudly(candidates, best, rival)}{_plan_in_words(winner, best)}; {comparison}. Basis: {weakest}.",
        candidate=best,
        runner_up=rival,
        saving_share=1.0 - winner.usd / other.usd,
    )


def _loudly(shown: Mapping[int, Candidate], *decisive: Candidate) -> str:
    """Return what the sentence begins with where simulated runs carry a figure of it, or of a plan it was chosen over."""
    if any(candidate.basis is Basis.SIMULATED for candidate in decisive):
        return "SIMULATED, not measured: "
    return "Among SIMULATED speeds: " if any(c.basis is Basis.SIMULATED for c in shown.values()) else ""


def _plan_in_words(plan: Plan, candidate: Candidate) -> str:
    question, offer = plan.question, plan.fleet.offer
    slo = " and ".join(map(str, question.slo))
    if question.attainment is not None:
        slo = (
            f"{' and '.join(o.limit_in_words for o in question.slo)} for {question.attainment * 100:.6g} % of requests"
        )
    return (
        f"{_title(plan)} on {gpus_in_words(plan)} serves {load_in_words(question)} of {question.workload.name} "
        f"within {slo} for ${candidate.usd_per_hour:,.2f}/h (${candidate.usd_per_month:,.0f}/month, "
        f"{offer.price_basis} at {offer.provider}){_load_in_words(plan)}"
    )


def _load_in_words(plan: Plan) -> str:
    if not plan.weaknesses:
        return ""
    known = "size and latency simulated" if plan.simulated is not None else "latency not validated there"
    return f", with {' and '.join(plan.weaknesses)} ({known})"


def load_in_words(question: Question) -> str:
    """Return the rate, and that of the busiest hour where there is a profile."""
    peak = f" on average, {question.peak_qps:.3g} in the peak hour" if question.daily else ""
    return f"{question.qps:g} qps{peak}"


def gpus_in_words(plan: Plan) -> str:
    """Return the layout of a plan: how many GPUs, in how many replicas."""
    deployment = plan.deployment
    if deployment.tensor_parallel == 1:
        return f"{plan.replicas} x {deployment.gpu.name}"
    return f"{plan.replicas} x ({deployment.tensor_parallel} x {deployment.gpu.name})"


def _title(plan: Plan) -> str:
    drafter = plan.deployment.drafter
    return plan.deployment.model.title + (f" + {drafter.name.upper()}" if drafter else "")


def _gap(winner: Plan, other: Plan, rival: Candidate) -> str:
    ratio = other.usd / winner.usd
    more = f"{ratio:.1f} times as much" if ratio >= 1.5 else f"{(ratio - 1) * 100:.0f} % more"
    return f"{_title(other)} needs {gpus_in_words(other)}, ${rival.usd_per_hour:,.2f}/h, {more}"


def _tie(winner: Plan, other: Plan) -> str:
    return (
        f"{_title(other)} on {gpus_in_words(other)} costs the same within {TIE_SHARE:.0%}, a tie broken by latency "
        f"(e2e p95 {seconds(winner.e2e_p95_s)} against {seconds(other.e2e_p95_s)})"
    )


def _why_alone(winner: Plan, rejected: Sequence[Rejected], models: Sequence[ModelSpec]) -> str:
    others = [model for model in models if model.name != winner.deployment.model.name]
    if not others:
        floor = next((r for r in rejected if r.constraint == "quality"), None)
        return f"; {floor.deployment} is ruled out: {floor.reason}" if floor else "; no other model was asked about"
    name = others[0].name
    lost = [r for r in rejected if r.contender.split("+")[0] == name]
    telling = [r for r in lost if r.constraint in TELLING] or lost
    reason = next(iter(Counter(r.reason for r in telling).most_common(1)), ("nothing fits", 0))[0]
    return f"; no deployment of {others[0].title} meets the question: {reason}"


TELLING = ("context", "latency", "capacity", "quality", "engine")
"""Constraints that explain best why a model drops out, where it failed on them."""


def nothing_feasible(
    question: Question,
    rejected: Sequence[Rejected],
    curves: Mapping[str, Sequence[Curve]],
    *,
    unlimited: Plan | None = None,
) -> InfeasibleError:
    """Return the error that says which limit nothing meets and what comes nearest.

    `unlimited` is the plan that more GPUs would allow, if there is one.
    """
    everything = [curve for group in curves.values() for curve in group]
    if not everything:
        return InfeasibleError("no deployment runs and fits", hint=_most_common(rejected))
    for objective in question.limits:
        fastest_s, curve = _fastest(objective, curves)
        if fastest_s > objective.limit_s:
            return InfeasibleError(
                f"no deployment meets {objective}",
                hint=f"the nearest is {curve.deployment.label.rsplit(',', 1)[0]}: {objective.metric} "
                f"{objective.statistic} is {seconds(fastest_s)} even without load",
            )
    wanted = f"no deployment meets {' and '.join(map(str, question.limits))} at {question.peak_qps:g} qps"
    if unlimited is not None:
        return InfeasibleError(
            f"{wanted} within {question.max_gpus} GPU(s)",
            hint=f"without --max-gpus the cheapest is {unlimited.deployment.contender} on {unlimited.gpus} x "
            f"{unlimited.deployment.gpu.name}, ${unlimited.fleet.usd_per_hour:,.2f}/h",
        )
    return InfeasibleError(
        f"{wanted} with the allowed offers",
        hint=_most_common(rejected),
    )


def _fastest(objective: Objective, curves: Mapping[str, Sequence[Curve]]) -> tuple[float, Curve]:
    best = []
    for group in curves.values():
        idle_s = idle_latency_s(group, objective)
        best.append((float(idle_s.min()), group[int(idle_s.argmin())]))
    return min(best, key=lambda pair: pair[0])


def _most_common(rejected: Sequence[Rejected]) -> str:
    counted = [r for r in rejected if r.constraint not in UNTOLD] or list(rejected)
    reasons = Counter(f"{r.constraint}: {r.reason}" for r in counted)
    return "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(2))


UNTOLD = frozenset({"checkpoint", "validity", "specification", "layout", "kernel"})
"""Constraints that no change of the question lifts, and so no hint."""
