"""Options to what they describe, through the use case that knows profiles and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from advisor.cli import reading
from advisor.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.cli.arrival_options import ArrivalOptions
    from advisor.cli.deployment_options import DeploymentOptions
    from advisor.cli.options import ObjectiveOptions, WorkloadOptions
    from advisor.domain.daily import DailyProfile
    from advisor.domain.question import EstimateQuestion
    from advisor.domain.slo import Objective
    from advisor.domain.workload import Workload


def workload_of(options: WorkloadOptions, *, profiles: Path | None, planned: Workload | None = None) -> Workload:
    """Return the workload that the options describe; where they say nothing, that which something was planned for."""
    from advisor.usecases.asking import build_workload  # noqa: PLC0415 - use cases are loaded when a command runs

    return build_workload(
        workload=options.workload,
        trace=options.trace,
        isl=options.isl,
        osl=options.osl,
        isl_cv=options.isl_cv,
        osl_cv=options.osl_cv,
        content=options.content,
        steps=options.steps,
        cache_hit=options.cache_hit,
        profiles=profiles,
        planned=planned,
    )


def arrivals_of(options: ArrivalOptions, *, profiles: Path | None) -> dict[str, Any]:
    """Return the fields of a question that the options describe; None where they say nothing."""
    return {
        "burstiness": reading.burstiness(options.burstiness),
        "daily": _daily(options.daily_profile, profiles=profiles),
        "routing": reading.routing(options.routing),
    }


def _daily(text: str | None, *, profiles: Path | None) -> DailyProfile | None:
    from advisor.usecases.asking import build_daily  # noqa: PLC0415 - use cases are loaded when a command runs

    return None if text is None or reading.says_none(text) else build_daily(text, profiles=profiles)


def slo_of(options: ObjectiveOptions, workload: Workload) -> tuple[Objective, ...]:
    """Return the objectives that the options describe, else those of the workload."""
    from advisor.usecases.asking import build_slo  # noqa: PLC0415 - use cases are loaded when a command runs

    return build_slo(
        workload=workload,
        ttft=options.ttft,
        tpot=options.tpot,
        ntpot=options.ntpot,
        e2e=options.e2e,
        percentile=options.percentile,
        slo=options.slo,
    )


def deployed(options: DeploymentOptions) -> dict[str, Any]:
    """Return the fields of a deployment that the options describe; None where they say nothing."""
    return {
        "model": options.model,
        "gpu": options.gpu,
        "precision": options.precision and options.precision.lower(),
        "tensor_parallel": options.tensor_parallel,
        "slots": options.slots,
        "speculative": options.speculative and options.speculative.lower(),
    }


_OPTION_OF_FIELD = {
    "precision": "--precision",
    "tensor_parallel": "--tensor-parallel",
    "slots": "--slots",
    "concurrency": "--concurrency",
}


def served(deployment: dict[str, Any], workload: Workload) -> EstimateQuestion:
    """Return a deployment with what it serves.

    Raises
    ------
    InputError
        If it names no model or no GPU, or a figure is out of range.
    """
    from advisor.domain.question import EstimateQuestion  # noqa: PLC0415 - pydantic is loaded when a command runs

    for field, listing in (("model", "advisor models"), ("gpu", "advisor gpus")):
        if not deployment.get(field):
            raise InputError(f"missing --{field}", hint=f"{listing} lists the names")
    return reading.valid(EstimateQuestion, options=_OPTION_OF_FIELD, workload=workload, **deployment)
