"""What the reader must know beside a simulation: that it is one, how full the fleet is, and what was simplified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.answer import Caution
from advisor.domain.slo import Metric
from advisor.usecases.replaying import MOST_REPLICAS_SIMULATED
from advisor.usecases.simulating.offered import REQUESTS_PER_PRESENT, SECONDS_PER_HOUR, Drawn, Hourly, Replayed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.simulation import SimulationQuestion
    from advisor.usecases.replica import Replica
    from advisor.usecases.serving import Serving
    from advisor.usecases.simulating.offered import Offered


def cautions(
    question: SimulationQuestion, serving: Serving, load: Offered, replica: Replica, *, in_service: float
) -> Iterator[Caution]:
    """Yield the warnings of a run with so many requests in service per replica on average."""
    basis = replica.curve.basis_at(in_service)
    yield Caution(
        code="simulated",
        message=f"latencies are simulated from a speed that is {basis}: they are no measurement and never count as evidence",
    )
    yield from _fullness(load, serving, replicas=question.replicas)
    yield from _simplified(question, load)
    yield from replica.cautions(question.served, in_service=in_service)
    if replica.deployment.diffuses and any(limit.metric is Metric.TPOT for limit in question.slo):
        yield Caution(
            code="tpot_on_canvas",
            message="TPOT means nothing for a model that shows 256 tokens at once; end-to-end time over output tokens is "
            "judged instead",
        )


def _fullness(load: Offered, serving: Serving, *, replicas: int) -> Iterator[Caution]:
    """Yield a warning where more arrives than is completed, at the speed itself or at the low end of its interval."""
    saturation_rps = serving.station.saturation_rps * replicas
    peak_rps = load.rate_rps * load.daily.peak_share if isinstance(load, Hourly) else load.rate_rps
    if peak_rps >= saturation_rps:
        yield _overloaded(load, saturation_rps)
    elif peak_rps > serving.secure_share * saturation_rps:
        yield Caution(
            code="near_saturation",
            message=f"up to {_qps(peak_rps)} arrive and {_qps(saturation_rps)} can be completed, but only "
            f"{_qps(serving.secure_share * saturation_rps)} if the speed is at the low end of its interval (80 %): the "
            "queue would then grow without end",
        )


def _overloaded(load: Offered, saturation_rps: float) -> Caution:
    if not isinstance(load, Hourly):
        message = (
            f"overloaded: {_qps(load.rate_rps)} arrive, {_qps(saturation_rps)} can be completed; the queue grows for as "
            "long as that lasts, and the latencies with it"
        )
        return Caution(code="overloaded", message=message)
    rates_rps = [load.rate_rps * share for share in load.daily.shares_of_mean]
    over = sum(rate >= saturation_rps for rate in rates_rps)
    message = (
        f"overloaded in {over} of {len(rates_rps)} hours: up to {_qps(max(rates_rps))} arrive, {_qps(saturation_rps)} can be "
        "completed"
    )
    shorter = SECONDS_PER_HOUR / load.hour_s
    if shorter > 1.0:
        message += f"; hours are {shorter:.3g} times shorter here, and queues grow that much less than they would"
    return Caution(code="overloaded", message=message)


def _simplified(question: SimulationQuestion, load: Offered) -> Iterator[Caution]:
    simulated = min(question.replicas, MOST_REPLICAS_SIMULATED)
    if question.replicas > simulated and not isinstance(load, Replayed):
        yield Caution(
            code="smaller_fleet",
            message=f"{question.replicas:,} replicas are simulated as {simulated} with their share of the arrivals, and "
            "counts scaled up",
        )
    if isinstance(load, Drawn) and load.requests < int(REQUESTS_PER_PRESENT * load.present * simulated):
        yield Caution(
            code="short_run",
            message=f"{load.requests:,} requests are fewer than {REQUESTS_PER_PRESENT} for each one that is under way: the "
            "figures lean on how the run starts and ends",
        )
    if isinstance(load, Hourly) and question.served.workload.arrival_s and question.burstiness is None:
        yield Caution(
            code="trace_times_unused",
            message=f"requests arrive along the hours of {load.daily.name}, at random within each: the times of the trace "
            "are not used, only its lengths",
        )


def _qps(rate_rps: float) -> str:
    return f"{rate_rps:,.0f} qps" if rate_rps >= 100.0 else f"{rate_rps:.3g} qps"
