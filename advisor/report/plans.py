"""The plans of a recommendation: the ranked ones, and the best of every contender."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from advisor.report.document import Block, Column, Facts, Row, Section, Table
from advisor.report.figures import milliseconds, money, share, signed_share

if TYPE_CHECKING:
    from advisor.domain.answer import Candidate, OfferLine, Recommendation

_COLUMNS = (
    Column("#", right=True),
    Column("contender", wraps=True),
    Column("GPUs", wraps=True),
    Column("weights", yields=3),
    Column("slots", right=True, yields=5, phrase="max_num_seqs {}"),
    Column("per hour", right=True, yields=2, phrase="{} per hour"),
    Column("per month", right=True),
    Column("per M output", right=True, yields=6, phrase="{} per M output tokens"),
    Column("e2e p95", right=True),
    Column("used", right=True, yields=4, phrase="{} used"),
    Column("basis"),
    Column("price", yields=7),
)
_BEST_COLUMNS = (
    Column("contender", wraps=True),
    Column("best plan", wraps=True),
    Column("per month", right=True),
    Column("to chosen", right=True),
    Column("e2e p95", right=True, yields=2, phrase="e2e p95 {}"),
    Column("basis", yields=1),
)


def layout(plan: Candidate) -> str:
    """Return ``8x h100-sxm-80gb``, or ``4 x (2x l40s-48gb)`` where a replica spans GPUs."""
    if plan.tensor_parallel == 1:
        return f"{plan.replicas}x {plan.gpu}"
    replica = f"{plan.tensor_parallel}x {plan.gpu}"
    return replica if plan.replicas == 1 else f"{plan.replicas} x ({replica})"


def ranked(answer: Recommendation) -> tuple[Block, ...]:
    """Return the table of plans, cheapest first, the chosen one marked."""
    chosen = answer.decision.candidate
    plans = answer.candidates if chosen in answer.candidates else (chosen, *answer.candidates)
    rows = tuple(_plan_row(rank, plan, chosen=plan == chosen) for rank, plan in enumerate(plans, start=1))
    return Section("Plans within the objectives, cheapest first, ties by latency (> chosen)"), Table(_COLUMNS, rows)


def _plan_row(rank: int, plan: Candidate, *, chosen: bool) -> Row:
    return Row(
        (
            f">{rank}" if chosen else f"{rank}",
            plan.contender,
            layout(plan),
            plan.precision,
            f"{plan.max_num_seqs}",
            money(plan.usd_per_hour),
            money(plan.usd_per_month),
            money(plan.usd_per_million_output_tokens),
            milliseconds(plan.latency.e2e_p95_ms),
            share(plan.utilization),
            plan.basis,
            _price(plan.offer),
        ),
        chosen=chosen,
    )


def _price(offer: OfferLine) -> str:
    return f"{offer.provider} {offer.price_basis} {offer.as_of}"


def best_of_each(answer: Recommendation) -> tuple[Block, ...]:
    """Return the best plan of every contender beside the chosen one, or why it has none."""
    best = dict(answer.best_by_contender)
    for model, plan in answer.best_by_model.items():
        if not any(name == model or name.startswith(f"{model}+") for name in best):
            best[model] = plan
    order = sorted(best.items(), key=lambda item: (item[1] is None, item[1].usd_per_month if item[1] else 0, item[0]))
    rows = tuple(_best_row(name, plan, answer) for name, plan in order)
    return Section("Best plan of each contender"), Table(_BEST_COLUMNS, rows), *_reasons_for_none(order, answer)


def _best_row(name: str, plan: Candidate | None, answer: Recommendation) -> Row:
    if plan is None:
        return Row((name, "none", "-", "", "", ""))
    chosen = answer.decision.candidate
    ahead = float(plan.usd_per_month / chosen.usd_per_month) - 1
    cells = (
        name,
        f"{layout(plan)} {plan.precision}",
        money(plan.usd_per_month),
        "chosen" if plan == chosen else signed_share(ahead),
        milliseconds(plan.latency.e2e_p95_ms),
        plan.basis,
    )
    return Row(cells, chosen=plan == chosen)


def _reasons_for_none(best: list[tuple[str, Candidate | None]], answer: Recommendation) -> tuple[Block, ...]:
    pairs = tuple((f"why no {name}", _why_none(name, answer)) for name, plan in best if plan is None)
    return (Facts(pairs),) if pairs else ()


def _why_none(name: str, answer: Recommendation) -> str:
    lost = [r for r in answer.rejected if r.contender == name or r.contender.startswith(f"{name}+")]
    if not lost:
        return "no deployment of it was considered"
    by_constraint = Counter(r.constraint for r in lost).most_common()
    counts = ", ".join(f"{count} by {constraint}" for constraint, count in by_constraint)
    typical = next(r for r in lost if r.constraint == by_constraint[0][0])
    return f"rejected {counts}; for example {typical.deployment}: {typical.reason}"
