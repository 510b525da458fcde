"""What comes from the cluster while jobs run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.domain.attempt import AttemptResult, WorkerNews
    from advisor.profiling.cluster.jobs import Job


@dataclass(frozen=True, slots=True)
class JobPlaced:
    """A job has begun on a node."""

    job: Job
    node: str


@dataclass(frozen=True, slots=True)
class JobWaiting:
    """A job has not begun for a while, though machines of the cluster are made for it: they are busy."""

    job: Job
    detail: str


@dataclass(frozen=True, slots=True)
class NewsCame:
    """A worker tells what it does."""

    job: Job
    news: WorkerNews


@dataclass(frozen=True, slots=True)
class ResultCame:
    """A worker hands over the result of a cell."""

    job: Job
    result: AttemptResult


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A worker has done all that it could of a job."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobLost:
    """A worker is gone in the middle of a job: it was killed, its node died, or it failed as no worker should."""

    job: Job
    detail: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class JobStopped:
    """A job was ended because everything was to stop. It may have been at work or not yet begun."""

    job: Job
    detail: str


@dataclass(frozen=True, slots=True)
class NoNode:
    """No machine of the cluster is made for a job, and none came in time. `without_gpu` says that none has any GPU."""

    job: Job
    detail: str
    without_gpu: bool = False


ClusterEvent = JobWaiting | JobPlaced | NewsCame | ResultCame | JobEnded | JobLost | JobStopped | NoNode
