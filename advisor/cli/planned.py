"""What a plan says of a simulation: whatever the command line does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from advisor.cli import reading
from advisor.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.cli.arrival_options import ArrivalOptions
    from advisor.cli.options import WorkloadOptions
    from advisor.domain.planned import Planned


def plan_in(path: Path | None) -> Planned | None:
    """Return the plan in a file, if one is named."""
    from advisor.usecases.asking import read_plan  # noqa: PLC0415 - use cases are loaded when a command runs

    return None if path is None else read_plan(path)


def fleet_of(planned: Planned | None) -> dict[str, Any]:
    """Return the fields of a deployment as planned; nothing without a plan."""
    if planned is None:
        return {}
    fleet = planned.decision.candidate
    return {
        "model": fleet.model,
        "gpu": fleet.gpu,
        "precision": fleet.precision,
        "tensor_parallel": fleet.tensor_parallel,
        "slots": fleet.max_num_seqs,
        "speculative": fleet.speculative,
    }


def load_of(planned: Planned | None, work: WorkloadOptions, arrivals: ArrivalOptions) -> dict[str, Any]:
    """Return the other fields of a simulation as planned; nothing without a plan.

    A trace on the command line comes in the place of the planned rhythm. Where the planned hours are not followed, the rate
    is that of the busiest, which the plan was sized for.

    Raises
    ------
    InputError
        If the plan was made from a trace and nothing says when requests arrive.
    """
    if planned is None:
        return {}
    load, fleet = planned.question, planned.decision.candidate
    if load.workload.pairs and load.burstiness is None:
        _with_times(load.workload.name, work, arrivals)
    replays = work.trace is not None
    flat = (replays and arrivals.daily_profile is None) or reading.says_none(arrivals.daily_profile)
    return {
        "replicas": fleet.replicas,
        "routing": fleet.routing,
        "qps": load.peak_qps if flat else load.qps,
        "slo": load.slo,
        "attainment": load.attainment,
        "burstiness": None if replays else load.burstiness,
        "daily": None if flat else load.daily,
    }


def _with_times(trace: str, work: WorkloadOptions, arrivals: ArrivalOptions) -> None:
    if work.trace is None and work.workload is None and arrivals.burstiness is None:
        raise InputError(
            f"the plan was made from the trace {trace}, whose times of arrival it does not carry",
            hint="give the trace again with --trace, or draw arrivals with --burstiness",
        )
