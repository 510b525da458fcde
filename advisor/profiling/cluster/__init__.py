"""Work on the machines of a Ray cluster, placed by the type of their GPUs. Ray itself is loaded when a cluster is joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.profiling.cluster.events import (
    ClusterEvent,
    JobEnded,
    JobLost,
    JobPlaced,
    JobStopped,
    JobWaiting,
    NewsCame,
    NoNode,
    ResultCame,
)
from advisor.profiling.cluster.jobs import Job
from advisor.profiling.cluster.options import NODE_WAIT_S, ClusterAccess
from advisor.profiling.cluster.running import run_jobs

if TYPE_CHECKING:
    from advisor.profiling.cluster.leftovers import sweep_ray

__all__ = [
    "NODE_WAIT_S",
    "ClusterAccess",
    "ClusterEvent",
    "Job",
    "JobEnded",
    "JobLost",
    "JobPlaced",
    "JobStopped",
    "JobWaiting",
    "NewsCame",
    "NoNode",
    "ResultCame",
    "run_jobs",
    "sweep_ray",
]


def __getattr__(name: str) -> object:
    """Load what needs psutil when it is asked for."""
    if name != "sweep_ray":
        raise AttributeError(name)
    from advisor.profiling.cluster.leftovers import sweep_ray  # noqa: PLC0415 - see above

    return sweep_ray
