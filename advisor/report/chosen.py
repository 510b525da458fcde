"""The chosen plan of a recommendation in detail: settings, load, latency, attainment, rent and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.assurance import DecidedBy, OneFewer
from advisor.report.document import Block, Facts, Section
from advisor.report.figures import counted, fine_share, milliseconds, money, number, share
from advisor.report.plans import layout

if TYPE_CHECKING:
    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.assurance import Attainment, Schedule


def chosen_in_detail(answer: Recommendation) -> tuple[Block, ...]:
    """Return settings, load, latency, cost and evidence of the chosen plan, and the reasons noted for it."""
    plan = answer.decision.candidate
    pairs = (
        ("engine", _engine(plan)),
        ("settings", _settings(plan)),
        ("load", _load(plan, answer.question.peak_qps)),
        ("latency", _latency(plan)),
        ("attainment", _attainment(plan)),
        ("one down", _one_down(plan)),
        ("rent", _rent(plan)),
        *((("over the day", _schedule(plan.schedule)),) if plan.schedule else ()),
        ("unit cost", _unit_cost(plan)),
        ("evidence", _evidence(plan)),
        *(("note", note) for note in plan.notes),
    )
    return Section(f"The chosen plan: {plan.contender} on {layout(plan)}"), Facts(pairs)


def _engine(plan: Candidate) -> str:
    return f"{plan.engine} {plan.engine_version}, {plan.checkpoint} ({plan.precision}, {plan.kernel.replace('_', '-')})"


def _settings(plan: Candidate) -> str:
    speculative = f", speculative decoding with {plan.speculative}" if plan.speculative else ""
    spares = f" ({plan.spares} spare)" if plan.spares else ""
    routing = f", {plan.routing} routing" if plan.replicas > 1 else ""
    return (
        f"{counted(plan.replicas, 'replica')}{spares}{routing}, tensor parallel {plan.tensor_parallel}, "
        f"max_num_seqs {plan.max_num_seqs}, max_num_batched_tokens {plan.max_num_batched_tokens}{speculative}"
    )


def _load(plan: Candidate, qps: float) -> str:
    at = plan.saturation_qps
    capacity = f"of a capacity of {number(plan.capacity_qps)} qps, headroom {share(plan.headroom)}"
    if plan.capacity_qps < qps:
        capacity = f"where formulas allow {number(plan.capacity_qps)} qps and the simulation more"
    return (
        f"{number(qps)} qps {capacity}; saturates at "
        f"{number(at.value)} qps ({number(at.low)} to {number(at.high)} with 80 % probability), utilization "
        f"{share(plan.utilization)}; {number(plan.in_flight_per_replica)} in flight per replica"
    )


def _latency(plan: Candidate) -> str:
    at = plan.latency
    tpot = "" if at.tpot_mean_ms is None else f"tpot mean {milliseconds(at.tpot_mean_ms)}; "
    simulated = " (simulated: formulas are weak here)" if at.decided_by is DecidedBy.SIMULATION else ""
    return (
        f"ttft p50 {milliseconds(at.ttft_p50_ms)}, p95 {milliseconds(at.ttft_p95_ms)} ({at.ttft_basis}); "
        f"{tpot}ntpot mean {milliseconds(at.ntpot_mean_ms)}; "
        f"e2e p50 {milliseconds(at.e2e_p50_ms)}, p95 {milliseconds(at.e2e_p95_ms)}, p99 {milliseconds(at.e2e_p99_ms)}"
        f"{simulated}"
    )


def _attainment(plan: Candidate) -> str:
    found = plan.attainment
    if found.simulated is None or found.low is None or found.high is None:
        return f"{found.objective}, by formula; not simulated"
    kept = f"{fine_share(found.simulated)} of requests{f' with {plan.spares} down' if plan.spares else ''}"
    within = f"below the limit of {found.objective}" if found.target is None else f"within {found.objective}"
    asked = "" if found.target is None else f", asked for {fine_share(found.target)}"
    how = f"{fine_share(found.low)} to {fine_share(found.high)} with 99 % confidence, {found.requests:,} requests"
    if found.low == found.high:
        how = f"the {found.requests:,} requests of the trace"
    return f"{kept} {within}{asked} (simulated, {how}); {_one_fewer(found)}"


def _one_fewer(found: Attainment) -> str:
    share_of = "" if found.one_fewer_nominal is None else fine_share(found.one_fewer_nominal)
    return {
        OneFewer.NONE: "one replica is the least there is",
        OneFewer.UNCHECKED: "one replica fewer was not simulated",
        OneFewer.FAILS: f"one replica fewer fails: {share_of}",
        OneFewer.TIE: f"one replica fewer is a tie within the interval: {share_of}",
        OneFewer.SATURATES: (
            f"one replica fewer may saturate: {share_of} at the modeled speed, none at the low end of its interval"
            if found.one_fewer_nominal
            else "one replica fewer saturates"
        ),
    }[found.one_fewer_reason]


def _one_down(plan: Candidate) -> str:
    if plan.one_down_e2e_p95_ms is None:
        return "the rest cannot carry the load" if plan.replicas > 1 else "nothing is left: there is no second replica"
    return f"e2e p95 {milliseconds(plan.one_down_e2e_p95_ms)} with the other {plan.replicas - 1}"


def _schedule(schedule: Schedule) -> str:
    hours = schedule.replicas_by_hour
    span = f"{min(hours)} to {max(hours)} replicas over {len(hours)} hours of {schedule.profile}"
    static = f"always {max(hours)}: {money(schedule.static_usd_per_month)}"
    if schedule.scheduled_usd_per_month is None or schedule.saving_share is None:
        return f"{span}; {static}; this price basis is paid whether used or not, so that a schedule saves nothing"
    return (
        f"{span}, each started {schedule.startup_s:g} s ahead: {money(schedule.scheduled_usd_per_month)} per month; {static}; "
        f"a schedule saves {share(schedule.saving_share)}"
    )


def _rent(plan: Candidate) -> str:
    offer = plan.offer
    gpus = "GPU" if plan.gpus_paid == 1 else "GPUs"
    paid = f"{plan.gpus_paid} {gpus}" if plan.gpus_paid == plan.gpus else f"{plan.gpus_paid} {gpus}, {plan.gpus} in use"
    return (
        f"{offer.shapes} x {offer.instance_type} ({paid}) at {money(offer.usd_per_hour_each)} per hour each, "
        f"{offer.provider} {offer.region} {offer.price_basis}, {offer.confidence} price of {offer.as_of}: "
        f"{money(plan.usd_per_hour)} per hour, {money(plan.usd_per_month)} per month of 730 h"
    )


def _unit_cost(plan: Candidate) -> str:
    return (
        f"{money(plan.usd_per_million_output_tokens)} per million output tokens at this load, "
        f"{money(plan.usd_per_million_output_tokens_saturated)} when saturated; "
        f"{money(plan.usd_per_1k_requests)} per 1,000 requests"
    )


def _evidence(plan: Candidate) -> str:
    points = f"{plan.evidence_points} point" + ("" if plan.evidence_points == 1 else "s")
    return f"{plan.basis}, {points}, spread of throughput {share(plan.spread)} (one standard deviation)"
