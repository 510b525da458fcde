"""Which is cheaper at this load: the decision, its plans, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.figures import milliseconds, money, share
from advisor.report.plans import layout
from advisor.report.recommendation import asked as question_in_words
from advisor.report.sureness import SATURATED, dollars, spread
from advisor.report.sureness import in_words as sureness_in_words
from dashboard import parts
from dashboard.answers import Failure, recommendation
from dashboard.charts.crossover import cost_curve, cost_rows
from dashboard.charts.crossover import told as curve_told
from dashboard.crossover_answers import flips
from dashboard.tables import plot, table
from dashboard.views import quality
from dashboard.wording import in_labels

if TYPE_CHECKING:
    from advisor.domain.answer import Candidate, Recommendation
    from dashboard.state import Asked


def page(asked: Asked) -> None:
    """Show the answer to a question."""
    with st.spinner("Simulating the plans" if asked.simulate else "Working it out", show_time=asked.simulate):
        answer = recommendation(asked)
    if isinstance(answer, Failure):
        parts.failed(answer)
        parts.command(asked)
        return
    _decision(answer)
    curve = st.container()  # filled last: it takes longer than all the rest, and nothing waits for it
    _plans(answer)
    quality.section(answer)
    _sure(answer)
    _grounds(answer)
    st.subheader("On the command line")
    parts.command(asked)
    parts.downloads(answer, name="recommendation")
    with curve:
        _curve(asked)


def _decision(answer: Recommendation) -> None:
    best = answer.decision.candidate
    st.markdown(f"### {parts.escaped(answer.decision.reason)}")
    st.caption(parts.escaped(question_in_words(answer.question)))
    told = (
        ("Cost per month", money(best.usd_per_month), f"{money(best.usd_per_hour)} per hour, 730 hours"),
        (
            "GPUs paid",
            f"{best.gpus_paid}",
            f"{layout(best)}: {best.contender} {best.precision}, {best.max_num_seqs} slots each",
        ),
        ("e2e p95", milliseconds(best.latency.e2e_p95_ms), "Arrival to last token, of 95 in 100 requests"),
        (
            "Rent each",
            f"{money(best.offer.usd_per_hour_each)}/h",
            f"{best.offer.instance_type}, {best.offer.provider}, {best.offer.as_of}",
        ),
    )
    for column, (label, value, tip) in zip(st.columns(len(told)), told, strict=True):
        column.metric(label, value, help=tip, border=True)
    with st.container(horizontal=True):
        parts.basis_chip(best.basis)
        offer = best.offer
        st.badge(
            f"price of {offer.as_of}, {offer.price_basis}, {parts.escaped(offer.provider)}",
            icon=":material/sell:",
            color="gray",
            help=f"As {offer.provider} states it: {offer.source_url}",
        )
        st.badge(f"latency by {best.latency.decided_by}", icon=":material/schedule:", color="gray")


def _curve(asked: Asked) -> None:
    """Show what each contender costs at other loads, by formula."""
    st.subheader("Cost at other loads")
    with st.spinner("Sizing every contender at other loads"):
        found = flips(asked, "qps")
    if isinstance(found, Failure):
        st.caption(parts.escaped(f"No curve: {found.message}."))
        return
    st.caption(parts.escaped(found.summary))
    chart = cost_curve(found)
    if chart is not None:
        plot(chart, lambda: cost_rows(found), name="cost-by-load", caption=curve_told(found))


def _plans(answer: Recommendation) -> None:
    st.subheader("Plans within the objectives, cheapest first")
    best = answer.decision.candidate
    rows = [
        {"rank": rank, "chosen": "▶" if plan == best else "", **_row(plan)}
        for rank, plan in enumerate(answer.candidates, start=1)
    ]
    table(rows, name="plans", columns=_COLUMNS)
    others = [plan for plan in answer.best_by_contender.values() if plan and plan not in answer.candidates]
    if others:
        st.caption("Best plan of each other contender")
        table([_row(plan) for plan in others], name="best-plans-of-other-contenders", columns=_COLUMNS)


_COLUMNS = {
    "rank": st.column_config.NumberColumn("#", width=40),
    "per hour": st.column_config.NumberColumn("USD per hour", format="dollar"),
    "per month": st.column_config.NumberColumn("USD per month", format="dollar"),
    "per M tokens": st.column_config.NumberColumn("USD per M output tokens", format="dollar"),
    "e2e p95": st.column_config.NumberColumn("e2e p95 [s]", format="%.2f"),
    "used": st.column_config.NumberColumn("utilization", format="percent"),
    "source": st.column_config.LinkColumn("price source", display_text="open"),
}


def _row(plan: Candidate) -> dict[str, object]:
    return {
        "contender": plan.contender,
        "GPUs": layout(plan),
        "weights": str(plan.precision),
        "slots": plan.max_num_seqs,
        "per hour": float(plan.usd_per_hour),
        "per month": float(plan.usd_per_month),
        "per M tokens": float(plan.usd_per_million_output_tokens),
        "e2e p95": plan.latency.e2e_p95_ms / 1e3,
        "used": plan.utilization,
        "basis": str(plan.basis),
        "price": f"{plan.offer.provider} {plan.offer.price_basis} {plan.offer.as_of}",
        "source": plan.offer.source_url,
    }


def _sure(answer: Recommendation) -> None:
    if answer.certainty is None:
        return
    st.subheader("How sure")
    st.markdown(parts.escaped(sureness_in_words(answer.certainty)))
    best = [answer.decision.candidate, *(plan for plan in answer.best_by_contender.values() if plan)]
    rows = [_outlook(plan) for plan in dict.fromkeys(best) if plan.outlook]
    told = f"Ranges hold 90 % of {answer.certainty.draws:,} draws of all speeds at once, each plan sized anew."
    table(rows, name="ranges-of-the-best-plans", caption=told)


def _outlook(plan: Candidate) -> dict[str, object]:
    outlook = plan.outlook
    if outlook is None:
        return {}
    return {
        "contender": plan.contender,
        "GPU": plan.gpu,
        "replicas": spread(outlook.replicas, lambda count: f"{count:.0f}"),
        "USD per hour": spread(outlook.usd_per_hour, dollars),
        "e2e p95 as planned": spread(outlook.e2e_p95_ms, milliseconds, without=SATURATED),
        "plan is enough in": share(outlook.as_planned),
        "cheapest in": share(outlook.best),
    }


def _grounds(answer: Recommendation) -> None:
    with st.expander(f"{len(answer.rejected)} rejected, each with its reason", icon=":material/block:"):
        rejected = [{**r.model_dump(), "reason": in_labels(r.reason)} for r in answer.rejected]
        table(rejected, name="rejected-plans")
    with st.expander("Published quality of the models", icon=":material/school:"):
        rows = [{"benchmark": q.benchmark, **q.scores, "unit": q.unit, "source": q.source_url} for q in answer.quality]
        source = st.column_config.LinkColumn("source", display_text="open")
        table(rows, name="published-quality", columns={"source": source})
    parts.warnings(answer.warnings)
    parts.sources(answer.sources)
