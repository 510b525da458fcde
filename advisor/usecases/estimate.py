"""`advisor estimate`: one deployment, its memory, and its closed-loop speed at given concurrencies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor import __version__
from advisor.domain.answer import Estimate, EstimatePoint, MemoryLine
from advisor.usecases.curves import steps_of
from advisor.usecases.deployments import line_of
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.replica import replica_of

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.question import EstimateQuestion
    from advisor.physics.memory import Memory
    from advisor.usecases.curves import Curve
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.replica import Replica

MS = 1e3


def estimate(
    question: EstimateQuestion, *, profiles: Path | None, database: str | None, allow_simulated: bool = False
) -> Estimate:
    """Return memory and closed-loop performance of one replica; `allow_simulated` lets runs of the demo engine count.

    Raises
    ------
    UnknownNameError
        If model, GPU or drafter are unknown.
    InfeasibleError
        If the deployment does not run; one that merely does not fit is answered with `memory.fits` false.
    """
    return estimate_from(question, open_profiles(profiles, database=database, allow_simulated=allow_simulated))


def estimate_from(question: EstimateQuestion, shipped: Shipped) -> Estimate:
    """Return the same from facts that were read before; raises as `estimate` does."""
    return _answer(question, replica_of(question, shipped))


def _answer(question: EstimateQuestion, replica: Replica) -> Estimate:
    deployment, memory, curve = replica.deployment, replica.memory, replica.curve
    demand, model = curve.work.demand, deployment.model
    return Estimate(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        **line_of(deployment),
        input_tokens=float(curve.work.input_tokens.mean()),
        output_tokens=float(demand.output_tokens),
        canvases=float(demand.canvases) if model.canvas else None,
        steps_per_canvas=steps_of(model, question.workload, curve.work.own_steps) if model.canvas else None,
        memory=_memory_line(memory),
        points=tuple(_point(c, curve) for c in question.concurrency) if memory.slots else (),
        warnings=tuple(replica.cautions(question, in_service=max(question.concurrency))),
        sources=replica.sources(),
    )


def _memory_line(memory: Memory) -> MemoryLine:
    return MemoryLine(
        gpu_bytes=memory.gpu_bytes,
        usable_bytes=memory.usable_bytes,
        weights_bytes=memory.weights_bytes,
        kv_bytes_per_request=memory.kv_bytes_per_request,
        reserved_bytes=memory.reserved_bytes,
        slots_limit=memory.slots,
        slots_limited_by="memory for weights" if not memory.slots else "memory per request",
        fits=memory.slots > 0,
    )


def _point(concurrency: int, curve: Curve) -> EstimatePoint:
    """Return closed-loop figures; requests beyond the slots wait for one, which their TTFT and e2e show.

    TTFT is as long as the user's own runs say, where there are some.
    """
    served = min(concurrency, curve.deployment.max_num_seqs)
    rate_rps = float(curve.rates_rps[served - 1])
    e2e_s, wait_s = concurrency / rate_rps, (concurrency - served) / rate_rps
    demand, ttft_s = curve.work.demand, curve.at(curve.ttft_s, served)
    out = float(demand.output_tokens)
    return EstimatePoint(
        concurrency=concurrency,
        in_service=served,
        output_tok_s=rate_rps * out,
        request_rate_rps=rate_rps,
        ttft_mean_ms=min(wait_s + ttft_s * curve.ttft_factor, e2e_s) * MS,
        tpot_mean_ms=None if curve.deployment.diffuses else (e2e_s - wait_s - ttft_s) / max(out - 1.0, 1.0) * MS,
        ntpot_mean_ms=e2e_s / out * MS,
        e2e_mean_s=e2e_s,
        basis=curve.basis_at(served),
        ttft_basis=curve.ttft_basis_at(served),
        spread=curve.grounds.log_sd_at(served),
    )
