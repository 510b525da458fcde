"""Jobs on a pretended cluster: what workers tell becomes events, and nothing is waited for in vain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.attempt import Attempt, AttemptResult, Outcome, Stage, WorkerNews
from advisor.domain.campaign import RunRules, ServedDeployment
from advisor.profiling.cluster import (
    ClusterAccess,
    Job,
    JobEnded,
    JobLost,
    JobPlaced,
    JobStopped,
    JobWaiting,
    NewsCame,
    NoNode,
    ResultCame,
    running,
)
from advisor.profiling.cluster.remote import Began, Broke, Unfit
from advisor.profiling.cluster.running import BUSY_S, LOOK_S, Running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from advisor.profiling.cluster import ClusterEvent

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NEWS = WorkerNews("a deployment", Stage.MEASURING)
RESULT = AttemptResult(
    Attempt(id="an-attempt", cell_id="a-cell", started_at=NOW, ended_at=NOW, outcome=Outcome.MEASURED)
)
BEGAN = Began("a-host")
H100 = {"Alive": True, "NodeID": "node-1", "Resources": {"CPU": 8.0, "GPU": 2.0, "accelerator_type:H100": 1.0}}
DEAD = {**H100, "Alive": False}
WAIT_S = 10.0


class PretendedError(Exception):
    """What stands for the errors of Ray."""


class WorkerCrashedError(PretendedError):
    """One of them."""


class GetTimeoutError(PretendedError):
    """Another one."""


@dataclass(eq=False)
class Stream:
    """What a worker tells: things, and errors in their place. It is silent for ever after them, unless it `ends`."""

    told: list[Any]
    ends: bool = True
    asked: dict[str, Any] = field(default_factory=dict)
    cancelled: bool = False

    @property
    def ready(self) -> bool:
        return bool(self.told) or self.ends

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if not self.told:
            raise StopIteration
        return self.told.pop(0)


@dataclass
class PretendedRay:
    """A cluster that hands out scripted streams, in the order in which jobs are sent; waiting takes its own time."""

    streams: list[Stream]
    there: Sequence[dict[str, Any]] = (H100,)
    now_s: float = 0.0
    sent: list[Stream] = field(default_factory=list)
    at: dict[float, Callable[[], None]] = field(default_factory=dict)

    class exceptions:  # noqa: N801 - as Ray calls it
        """Ray's errors."""

        RayError = PretendedError

    def remote(self, **_told: Any) -> Any:
        return lambda _worker: self

    def options(self, **asked: Any) -> Any:
        self._asked = asked
        return _Task(self)

    def hand_out(self) -> Stream:
        stream = self.streams[len(self.sent)]
        stream.asked = self._asked
        self.sent.append(stream)
        return stream

    def wait(self, streams: list[Stream], **_told: Any) -> tuple[list[Stream], list[Stream]]:
        ready = [stream for stream in streams if stream.ready]
        if not ready:
            self.now_s += LOOK_S
            for due_s in [due_s for due_s in self.at if due_s <= self.now_s]:
                self.at.pop(due_s)()
        return ready[:1], []

    def get(self, told: Any, *, timeout: float) -> Any:
        assert timeout > 0
        if isinstance(told, Exception):
            raise told
        return told

    def nodes(self) -> Sequence[dict[str, Any]]:
        return self.there

    def cancel(self, stream: Stream, *, force: bool) -> None:
        assert force
        stream.cancelled = True
        stream.told.append(WorkerCrashedError("cancelled"))


@dataclass
class _Task:
    ray: PretendedRay

    def remote(self, _work: object, _job: Job, _version: str) -> Stream:
        return self.ray.hand_out()


def job_on(gpu: str = "h100-sxm-80gb") -> Job:
    return Job(ServedDeployment(model="gemma-4-26b-a4b", gpu=gpu), (), RunRules(), "a-campaign")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> PretendedRay:
    pretended = PretendedRay([])
    monkeypatch.setattr(running, "monotonic", lambda: pretended.now_s)
    return pretended


def at_work(cluster: PretendedRay, *streams: Stream, jobs: Sequence[Job] = (), stops_at_s: float = 1e9) -> Running:
    """Return a job for each stream, sent."""
    cluster.streams.extend(streams)
    found = Running(
        cluster,
        lambda _job: iter(()),
        ClusterAccess(node_wait_s=WAIT_S),
        lambda: "it was cancelled" if cluster.now_s >= stops_at_s else "",
    )
    for job in jobs or [job_on()] * len(streams):
        found.send(job)
    return found


def kinds(events: Sequence[ClusterEvent]) -> list[type]:
    return [type(event) for event in events]


def test_what_a_worker_tells_comes_in_its_order(cluster: PretendedRay) -> None:
    events = list(at_work(cluster, Stream([BEGAN, NEWS, RESULT])))
    assert kinds(events) == [JobPlaced, NewsCame, ResultCame, JobEnded]


def test_a_job_asks_for_its_gpus_and_their_type(cluster: PretendedRay) -> None:
    stream = Stream([])
    at_work(cluster, stream)
    assert stream.asked["num_gpus"] == 1
    assert stream.asked["resources"].keys() == {"accelerator_type:H100"}


def test_a_worker_that_is_gone_is_told_in_words_after_what_it_had_told(cluster: PretendedRay) -> None:
    events = list(at_work(cluster, Stream([BEGAN, RESULT, WorkerCrashedError("a long story")])))
    assert kinds(events) == [JobPlaced, ResultCame, JobLost]
    assert events[-1].detail == "its process was killed, or crashed"  # type: ignore[union-attr]


def test_a_bug_on_a_worker_comes_with_its_trace(cluster: PretendedRay) -> None:
    (lost,) = at_work(cluster, Stream([Broke("ZeroDivisionError: division by zero", "the trace")]))
    assert lost == JobLost(job_on(), "the worker failed, ZeroDivisionError: division by zero", "the trace")


def test_a_result_that_does_not_arrive_ends_its_worker(cluster: PretendedRay) -> None:
    stream = Stream([BEGAN, GetTimeoutError("40 s")], ends=False)
    assert kinds(list(at_work(cluster, stream))) == [JobPlaced, JobLost]
    assert stream.cancelled


def test_a_job_that_is_sent_meanwhile_is_listened_to(cluster: PretendedRay) -> None:
    jobs = at_work(cluster, Stream([WorkerCrashedError()]))
    cluster.streams.append(Stream([BEGAN, RESULT]))
    events = []
    for event in jobs:
        events.append(event)
        if isinstance(event, JobLost):
            jobs.send(event.job)
    assert kinds(events) == [JobLost, JobPlaced, ResultCame, JobEnded]


def test_a_type_without_a_node_is_given_up_in_time_while_others_go_on(cluster: PretendedRay) -> None:
    lonely, busy = Stream([], ends=False), Stream([BEGAN], ends=False)
    cluster.at[2 * WAIT_S] = lambda: busy.told.extend([RESULT, WorkerCrashedError()])
    events = list(at_work(cluster, lonely, busy, jobs=[job_on("l4-24gb"), job_on()]))
    assert kinds(events) == [JobPlaced, NoNode, ResultCame, JobLost]
    assert events[1].detail == "no node has 1 x L4; the cluster has 2 x H100"  # type: ignore[union-attr]
    assert lonely.cancelled


def test_a_job_whose_only_node_is_busy_says_so_once_and_waits_for_as_long_as_that_takes(cluster: PretendedRay) -> None:
    waiting = Stream([], ends=False)
    cluster.at[100 * WAIT_S] = lambda: waiting.told.extend([BEGAN, WorkerCrashedError()])
    events = list(at_work(cluster, waiting))
    assert kinds(events) == [JobWaiting, JobPlaced, JobLost]
    assert events[0].detail == "waits for 1 x H100: every node that has that is busy"  # type: ignore[union-attr]


def test_a_job_that_begins_soon_is_not_said_to_wait(cluster: PretendedRay) -> None:
    waiting = Stream([], ends=False)
    cluster.at[BUSY_S / 2] = lambda: waiting.told.extend([BEGAN, WorkerCrashedError()])
    assert kinds(list(at_work(cluster, waiting))) == [JobPlaced, JobLost]


def test_patience_begins_when_the_last_node_of_a_type_goes(cluster: PretendedRay) -> None:
    waiting = Stream([], ends=False)
    cluster.at[5 * WAIT_S] = lambda: setattr(cluster, "there", (DEAD,))
    assert kinds(list(at_work(cluster, waiting))) == [JobWaiting, NoNode]
    assert cluster.now_s >= 6 * WAIT_S


def test_a_node_that_comes_in_time_is_enough(cluster: PretendedRay) -> None:
    cluster.there = ()
    waiting = Stream([], ends=False)
    cluster.at[WAIT_S - 2] = lambda: setattr(cluster, "there", (H100,))
    cluster.at[WAIT_S + 2] = lambda: waiting.told.extend([BEGAN, WorkerCrashedError()])
    assert kinds(list(at_work(cluster, waiting))) == [JobPlaced, JobLost]


def test_a_node_with_another_gpu_of_that_chip_is_passed_over_and_named_if_there_is_no_other(
    cluster: PretendedRay,
) -> None:
    first, again = Stream([Unfit("node-1", "the GPU is a NVIDIA H100 PCIe")]), Stream([], ends=False)
    cluster.streams.append(first)
    jobs = at_work(cluster, again, jobs=[job_on()])
    (given_up,) = jobs
    assert given_up == NoNode(job_on(), "the GPU is a NVIDIA H100 PCIe")
    assert "node-1" in str(again.asked["label_selector"])


def test_whoever_stops_gets_what_was_told_already(cluster: PretendedRay) -> None:
    stream = Stream([], ends=False)
    cluster.at[1.0] = lambda: stream.told.extend([BEGAN, RESULT])
    events = list(at_work(cluster, stream, stops_at_s=1.0))
    assert kinds(events) == [JobPlaced, ResultCame, JobStopped]
    assert events[-1] == JobStopped(job_on(), "it was cancelled")


def test_closing_ends_every_worker(cluster: PretendedRay) -> None:
    streams = [Stream([BEGAN], ends=False), Stream([], ends=False)]
    jobs = at_work(cluster, *streams)
    jobs.close()
    assert [stream.cancelled for stream in streams] == [True, True]
    assert list(jobs) == []
