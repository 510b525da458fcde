"""Options of a workload to the workload, through the use case that knows profiles and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.cli.options import WorkloadOptions
    from advisor.domain.workload import Workload


def workload_of(options: WorkloadOptions, *, profiles: Path | None) -> Workload:
    """Return the workload that the options describe."""
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
    )
