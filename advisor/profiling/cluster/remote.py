"""What runs on a machine of the cluster: the work on a job, framed by a first and, if need be, a last word."""

from __future__ import annotations

import socket
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor import __version__
from advisor.domain.campaign import ServerKind
from advisor.profiling.cluster.recognizing import mismatch
from advisor.profiling.servers.gpu import gpu_hardware

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.attempt import AttemptResult, WorkerNews
    from advisor.domain.campaign import ServedDeployment
    from advisor.profiling.cluster.jobs import Job

    Work = Callable[[Job], Iterator[AttemptResult | WorkerNews]]


@dataclass(frozen=True, slots=True)
class Began:
    """The first word of a worker."""

    node: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """The only word of a worker whose machine cannot do the job as it is meant. `node_id` is Ray's."""

    node_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Broke:
    """The last word of a worker whose work raised what it should not have."""

    detail: str
    trace: str


def worker(work: Work, job: Job, version: str) -> Iterator[object]:
    """Say that a job has begun, then whatever the work tells. `version` is that of the `advisor` which sent the job.

    Another version may measure in another way, or tell what the driver does not understand: such a machine is refused.
    """
    node = socket.gethostname()
    unfit = _differs(node, version) or _unfit(node, job.deployment)
    if unfit:
        yield Unfit(_node_id(), unfit)
        return
    yield Began(node)
    try:
        yield from work(job)
    except Exception as problem:  # noqa: BLE001 - a bug on a worker is told where the driver can show it
        yield Broke(f"{type(problem).__name__}: {problem}", traceback.format_exc())


def _differs(node: str, version: str) -> str:
    return (
        f"{node} has advisor {__version__}, the driver has {version}: install the same"
        if version != __version__
        else ""
    )


def _unfit(node: str, deployment: ServedDeployment) -> str:
    """Return why the GPUs here are not those of a deployment; a type that the user names is the user's word."""
    if deployment.server is not ServerKind.VLLM or deployment.accelerator_type:
        return ""
    here = gpu_hardware(count=deployment.tensor_parallel)
    found = next(filter(None, (_mismatch(deployment, name, here.memory_bytes) for name in here.gpus)), "")
    return f"{node} is no machine for {deployment.gpu}: {found}" if found else ""


def _node_id() -> str:
    import ray  # noqa: PLC0415 - it is there where this runs

    return str(ray.get_runtime_context().get_node_id())


def _mismatch(deployment: ServedDeployment, name: str, memory_bytes: int | None) -> str:
    return mismatch(deployment.gpu, name=name, memory_bytes=memory_bytes)
