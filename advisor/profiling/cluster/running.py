"""Jobs on a cluster: sent, listened to, and ended."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from advisor import __version__
from advisor.domain.attempt import AttemptResult, WorkerNews
from advisor.profiling.cluster.events import (
    JobEnded,
    JobLost,
    JobPlaced,
    JobStopped,
    JobWaiting,
    NewsCame,
    NoNode,
    ResultCame,
)
from advisor.profiling.cluster.joining import joined
from advisor.profiling.cluster.losing import in_words
from advisor.profiling.cluster.placing import busy, fits, missing, wanted, without_gpu
from advisor.profiling.cluster.remote import Began, Broke, Unfit, worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from advisor.profiling.cluster.events import ClusterEvent
    from advisor.profiling.cluster.jobs import Job
    from advisor.profiling.cluster.options import ClusterAccess
    from advisor.profiling.cluster.placing import Nodes
    from advisor.profiling.cluster.remote import Work

NODE_LABEL = "ray.io/node-id"
LOOK_S = 0.25
NODES_S = 1.0
"""How often the list of nodes is asked for."""
BUSY_S = 10.0
"""How long a job may take to begin on a machine that is there, before it is said to wait for one (assumed)."""
FETCH_S = 40.0
"""How long a result that was told may take to arrive: the node that holds it may be gone, and that takes a while to be known."""
END_S = 20.0
"""How long workers may take to end once they are told to."""


@dataclass
class Sent:
    """A job on its way or at work. `stream` yields references to what its worker tells.

    `fit_s` is since when a node fits, and `waits` says whether it was told that all of these are busy; `unfit_s` is since when
    none fits. `refused` are nodes that turned out not to be fit, and `because` says why.
    """

    job: Job
    asked: Mapping[str, float]
    stream: Any = None
    placed: bool = False
    fit_s: float | None = None
    waits: bool = False
    unfit_s: float | None = None
    refused: tuple[str, ...] = ()
    because: str = ""


@dataclass
class Running:
    """Jobs at work: iterate to hear what happens, `send` more meanwhile, `close` to end them all."""

    ray: Any
    work: Work
    options: ClusterAccess
    should_stop: Callable[[], str]
    sent: list[Sent] = field(default_factory=list)
    nodes: Nodes = ()
    nodes_s: float = 0.0

    def __post_init__(self) -> None:
        self._look_at_nodes()

    def send(self, job: Job) -> None:
        """Send a job. It waits for a place; nothing of it is tried twice by the cluster itself."""
        sent = Sent(job, wanted(job.deployment, self.nodes))
        self._start(sent)
        self.sent.append(sent)

    def _start(self, sent: Sent) -> None:
        others = {name: amount for name, amount in sent.asked.items() if name not in {"CPU", "GPU"}}
        told = {"label_selector": {NODE_LABEL: f"!in({','.join(sent.refused)})"}} if sent.refused else {}
        task = self.ray.remote(max_retries=0, max_calls=1, num_returns="streaming")(worker).options(
            num_cpus=sent.asked["CPU"],
            num_gpus=sent.asked.get("GPU", 0.0),
            resources=others,
            name=sent.job.deployment.label,
            **told,
        )
        sent.stream = task.remote(self.work, sent.job, __version__)

    def __iter__(self) -> Iterator[ClusterEvent]:
        """Yield what happens until no job is left. Once everything is to stop, what workers had told is still yielded."""
        while self.sent:
            because = self.should_stop()
            if because:
                yield from self._ended_by(because)
                return
            yield from self._heard()
            yield from self._not_begun()

    def close(self) -> None:
        """End all jobs, and wait until their workers are gone; the keepers of their servers end these."""
        for _ in self._ended_by("closed"):
            pass

    def _heard(self) -> Iterator[ClusterEvent]:
        """Wait a moment, and yield what workers have told meanwhile, at most one thing of each."""
        streams = [sent.stream for sent in self.sent]
        ready, _ = self.ray.wait(streams, num_returns=1, timeout=LOOK_S, fetch_local=False)
        for sent in [sent for sent in self.sent if any(sent.stream is stream for stream in ready)]:
            event = self._next(sent)
            if event is not None:
                yield event

    def _next(self, sent: Sent) -> ClusterEvent | None:
        """Return the next thing that a worker told, or how it ended; nothing where another node is to be tried."""
        try:
            told = self.ray.get(next(sent.stream), timeout=FETCH_S)
        except StopIteration:
            self.sent.remove(sent)
            return JobEnded(sent.job)
        except self.ray.exceptions.RayError as problem:
            self._end(sent)
            self.sent.remove(sent)
            return JobLost(sent.job, in_words(problem))
        return self._event(sent, told)

    def _event(self, sent: Sent, told: object) -> ClusterEvent | None:
        match told:
            case Began():
                sent.placed = True
                return JobPlaced(sent.job, told.node)
            case WorkerNews():
                return NewsCame(sent.job, told)
            case AttemptResult():
                return ResultCame(sent.job, told)
            case Unfit():
                sent.refused, sent.because = (*sent.refused, told.node_id), told.detail
                self._start(sent)
                return None
            case Broke():
                self.sent.remove(sent)
                return JobLost(sent.job, f"the worker failed, {told.detail}", told.trace)
        raise TypeError(f"a worker told {told!r}")

    def _not_begun(self) -> Iterator[NoNode | JobWaiting]:
        """Give up jobs that no machine is made for and that have waited long enough; tell of those whose machines are busy."""
        if monotonic() - self.nodes_s < NODES_S:
            return
        self._look_at_nodes()
        for sent in [sent for sent in self.sent if not sent.placed]:
            nodes = [node for node in self.nodes if node["NodeID"] not in sent.refused]
            if fits(sent.asked, nodes):
                sent.unfit_s = None
                yield from self._waiting(sent)
                continue
            sent.unfit_s, sent.fit_s = sent.unfit_s or self.nodes_s, None
            if self.nodes_s - sent.unfit_s >= self.options.node_wait_s:
                self._end(sent)
                self.sent.remove(sent)
                detail = sent.because or missing(sent.asked, self.nodes)
                yield NoNode(sent.job, detail, without_gpu=without_gpu(self.nodes))

    def _waiting(self, sent: Sent) -> Iterator[JobWaiting]:
        """Tell once that a job waits for a machine to be free: that may take hours."""
        sent.fit_s = sent.fit_s if sent.fit_s is not None else self.nodes_s
        if not sent.waits and self.nodes_s - sent.fit_s >= BUSY_S:
            sent.waits = True
            yield JobWaiting(sent.job, busy(sent.asked))

    def _look_at_nodes(self) -> None:
        self.nodes, self.nodes_s = self.ray.nodes(), monotonic()

    def _ended_by(self, because: str) -> Iterator[ClusterEvent]:
        """End all jobs, and yield what their workers had told before they are gone."""
        for sent in self.sent:
            self._end(sent)
        until_s = monotonic() + END_S
        while self.sent and monotonic() < until_s:
            for event in self._heard():
                yield JobStopped(event.job, because) if isinstance(event, JobLost) else event
        self.sent.clear()

    def _end(self, sent: Sent) -> None:
        """End a job with its worker, if there still is one."""
        with suppress(self.ray.exceptions.RayError, ValueError):
            self.ray.cancel(sent.stream, force=True)


@contextmanager
def run_jobs(
    jobs: Sequence[Job], work: Work, *, options: ClusterAccess, should_stop: Callable[[], str]
) -> Iterator[Running]:
    """Join a cluster, send jobs, and yield them running: iterate over what they tell, and `send` more meanwhile.

    To be called in the main thread: what Ray starts on this machine ends with the thread that has started it.

    Parameters
    ----------
    jobs
        What is sent at once.
    work
        What a worker does with a job: a function that the workers can import.
    options
        Which cluster, and how long to wait for a node of a kind that is not there.
    should_stop
        Asked several times a second; anything but an empty text ends all jobs.

    Raises
    ------
    MeasureError
        If there is no cluster to join.
    """
    with joined(options) as ray:
        running = Running(ray, work, options, should_stop)
        try:
            for job in jobs:
                running.send(job)
            yield running
        finally:
            running.close()
