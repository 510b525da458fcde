"""The tables and bars of a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.review import Outcome, PriceStanding, Role, Subject
from advisor.report.document import Block, Column, Row, Section, Sentence, Span, Spans, Table
from advisor.report.figures import money, share, signed_share
from advisor.report.plans import layout
from advisor.report.sensitivity_levers import section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from advisor.domain.answer import Candidate
    from advisor.domain.levers import Lever
    from advisor.domain.review import AlternativeLine, CommitmentLine, PriceLine, Review

NONE = "-"
TITLES = {
    Subject.MODEL: "Models",
    Subject.GPU: "GPU types",
    Subject.PRICE_BASIS: "Price bases",
    Subject.OUTSIDE: "Outside the question",
}
STANDINGS = {
    PriceStanding.FRESH: "fresh",
    PriceStanding.AGING: "quote again",
    PriceStanding.UNFIT: "not accepted",
}


def table(
    titles: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, right: tuple[str, ...] = (), chosen: int | None = None
) -> Table:
    """Return a table of text: columns named in `right` stand to the right, the rest wraps; `chosen` counts rows from 0."""
    columns = tuple(Column(title, right=title in right, wraps=title not in right) for title in titles)
    return Table(columns, tuple(Row(cells, chosen=place == chosen) for place, cells in enumerate(rows)))


def _money(usd: Decimal | None) -> str:
    return NONE if usd is None else money(usd)


def money_table(review: Review) -> Table:
    """Return what the plan costs per hour, month, year and three years."""
    rows = ((line.period, money(line.usd), _range(line.low_usd, line.high_usd)) for line in review.money)
    return table(("chosen plan, per", review.currency, "90 % of draws"), rows, right=(review.currency, "90 % of draws"))


def _range(low: Decimal | None, high: Decimal | None) -> str:
    if low is None and high is None:
        return "not drawn"
    if low == high:
        return _money(low)
    return f"{_money(low)} to {'no fleet will do' if high is None else money(high)}"


def spans(review: Review) -> Iterator[Span]:
    """Yield the monthly cost of each plan that the recommendation shows, with its range where it was drawn."""
    for line in review.costs:
        yield Span(
            label=f"{line.plan.contender} on {layout(line.plan)}",
            value=float(line.effective_usd),
            words=money(line.effective_usd),
            low=None if line.low_usd is None else float(line.low_usd),
            high=None if line.high_usd is None else float(line.high_usd),
            chosen=line.role is Role.CHOSEN,
        )


def price_table(review: Review) -> Table:
    """Return every price with its basis, place, age and source."""
    titles = (
        "seller and shape",
        "GPUs",
        "basis",
        "list",
        "committed",
        "contracted",
        "as of",
        "age",
        "known",
        "used by",
        "source",
    )
    rows = (_price(line) for line in review.prices)
    right = ("list", "committed", "contracted")
    first = next((i for i, line in enumerate(review.prices) if line.role is Role.CHOSEN), None)
    return table(titles, rows, right=right, chosen=first)


def _price(line: PriceLine) -> tuple[str, ...]:
    term = f", {line.term_months} months" if line.term_months else ""
    used = ", ".join(line.used_by) or "for comparison"
    return (
        f"{line.provider} {line.instance_type}, {line.region}",
        f"{line.gpu_count} x {line.gpu}",
        f"{line.price_basis}{term}",
        _money(line.list_usd_per_hour),
        _money(line.committed_usd_per_hour),
        _money(line.contracted_usd_per_hour),
        line.as_of.isoformat(),
        f"{line.age_days} days",
        f"{line.confidence}, {STANDINGS[line.standing]}",
        f"{line.role}: {used}" if line.used_by else used,
        line.source_url or NONE,
    )


def alternatives(review: Review) -> Iterator[Block]:
    """Yield a table per kind of alternative."""
    for subject, title in TITLES.items():
        lines = [line for line in review.alternatives if line.subject is subject]
        if not lines:
            continue
        yield Sentence(f"{title}:")
        first = next((i for i, line in enumerate(lines) if line.outcome is Outcome.CHOSEN), None)
        if subject is Subject.OUTSIDE:
            yield table((subject.value, "why not"), ((line.name, line.reason) for line in lines))
        else:
            titles = (subject.value, "best plan", "per month", "to chosen", "sized by", "outcome")
            yield table(titles, (_alternative(line) for line in lines), right=("per month", "to chosen"), chosen=first)


def _alternative(line: AlternativeLine) -> tuple[str, ...]:
    ahead = (
        NONE
        if line.more_share is None
        else "chosen"
        if line.outcome is Outcome.CHOSEN
        else signed_share(line.more_share)
    )
    sized = NONE if not line.plan else "simulation" if line.simulated else "formula"
    return (line.name, line.plan or "none", _money(line.usd_per_month), ahead, sized, line.reason)


def unit_table(review: Review) -> Table:
    """Return what a request and a million output tokens cost, of the chosen plan and the runner-up."""
    decision = review.recommendation.decision
    plans = [decision.candidate, *([decision.runner_up] if decision.runner_up else [])]
    titles = (
        "plan",
        "per 1,000 requests",
        "per M output tokens",
        "the same, saturated",
        "utilization",
        "GPUs used of paid",
        "per month",
    )
    return table(titles, (_unit(plan) for plan in plans), right=titles[1:], chosen=0)


def _unit(plan: Candidate) -> tuple[str, ...]:
    return (
        f"{plan.contender} on {layout(plan)}",
        money(plan.usd_per_1k_requests),
        money(plan.usd_per_million_output_tokens),
        money(plan.usd_per_million_output_tokens_saturated),
        share(plan.utilization),
        f"{plan.gpus} of {plan.gpus_paid}",
        money(plan.usd_per_month),
    )


def commitment_table(review: Review) -> Table:
    """Return the cheapest plan of each price basis, what it binds to, and what it saves."""
    titles = ("price basis", "cheapest plan", "per month", "owed over the term", "saves", "cheaper above")
    rows = (_commitment(line) for line in review.commitments)
    return table(titles, rows, right=titles[2:])


def _commitment(line: CommitmentLine) -> tuple[str, ...]:
    even = line.break_even_share
    return (
        line.price_basis,
        line.plan,
        money(line.usd_per_month),
        NONE if line.owed_usd is None else f"{money(line.owed_usd)} over {line.term_months} months",
        NONE if line.saving_share is None else _saving(line.saving_share),
        NONE if even is None else "never" if even >= 1 else f"{share(even)} of hours",
    )


def _saving(saving_share: float) -> str:
    return share(saving_share) if saving_share >= 0 else f"costs {share(-saving_share)} more"


def sensitivity_blocks(review: Review) -> Iterator[Block]:
    """Yield how far the cost of the chosen model moves with each input, and the table behind it."""
    model = review.recommendation.decision.candidate.model
    spans = [_lever(lever, model, review) for lever in review.sensitivity]
    widest_first = sorted(spans, key=lambda span: (span.low or 0.0) - (span.high or 0.0))
    yield Spans(f"USD per hour of {model} as asked, and the range that each input gives it", tuple(widest_first))
    names = " / ".join(cost.model for cost in review.sensitivity[0].low.costs)
    yield Sentence(f"Cost per hour of {names} at both ends of each range, and where the choice of the model flips:")
    yield from (block for block in section(review.sensitivity) if not isinstance(block, Section))


def _lever(lever: Lever, model: str, review: Review) -> Span:
    plan = review.recommendation.decision.candidate
    ends = [c.usd_per_hour for end in (lever.low, lever.high) for c in end.costs if c.model == model and c.usd_per_hour]
    low, high = (min(ends), max(ends)) if ends else (plan.usd_per_hour, plan.usd_per_hour)
    return Span(
        label=lever.title,
        value=float(plan.usd_per_hour),
        words=money(low) if low == high else f"{money(low)} to {money(high)}",
        low=float(low),
        high=float(high),
    )
