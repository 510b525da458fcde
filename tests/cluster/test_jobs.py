"""Jobs on a cluster with several types of GPU: where they land, what is kept when something dies, what is left at the end."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from advisor.errors import MeasureError
from advisor.profiling.cluster import (
    ClusterAccess,
    ClusterEvent,
    Job,
    JobEnded,
    JobLost,
    JobPlaced,
    JobStopped,
    NoNode,
    ResultCame,
    run_jobs,
)
from tests.cluster.works import job_on, tell_where, what_is_left
from tests.house.source import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from advisor.profiling.cluster.running import Running
    from tests.cluster.conftest import LocalCluster

pytestmark = pytest.mark.cluster

H100, A100, L4 = "h100-sxm-80gb", "a100-sxm-80gb", "l4-24gb"
PATIENCE_S = 30.0
FAKE_DRIVER = Path(__file__).with_name("fake_driver")


def run(
    cluster: LocalCluster,
    jobs: Sequence[Job],
    *,
    on: Callable[[Running, ClusterEvent], None] = lambda _running, _event: None,
    node_wait_s: float = 1.0,
    should_stop: Callable[[], str] = lambda: "",
    env: Mapping[str, str] | None = None,
) -> list[ClusterEvent]:
    """Run jobs to their end and return all that happened."""
    runtime_env = {"env_vars": dict(env)} if env else {}
    options = ClusterAccess(address=cluster.address, node_wait_s=node_wait_s, runtime_env=runtime_env)
    happened = []
    with run_jobs(jobs, tell_where, options=options, should_stop=should_stop) as running:
        for event in running:
            happened.append(event)
            on(running, event)
    return happened


def where(event: ClusterEvent) -> dict[str, Any]:
    assert isinstance(event, ResultCame)
    found: dict[str, Any] = json.loads(event.result.attempt.detail)
    return found


def results(events: Sequence[ClusterEvent], gpu: str = "") -> list[ResultCame]:
    found = [event for event in events if isinstance(event, ResultCame)]
    return [event for event in found if event.job.deployment.gpu == gpu or not gpu]


def of(kind: type[ClusterEvent], events: Sequence[ClusterEvent]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def is_gone(pid: int) -> bool:
    """Wait until a process is gone, and say whether it is."""
    until = time.monotonic() + PATIENCE_S
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.1)
    return not psutil.pid_exists(pid)


def test_each_job_lands_on_its_type_and_one_that_no_node_fits_is_reported_meanwhile(
    cluster: LocalCluster, capfd: pytest.CaptureFixture[str]
) -> None:
    b200 = job_on("b200-sxm-180gb")
    jobs = [b200, job_on(A100, flags={"cell_s": 2.0}), job_on(L4), job_on(H100, tensor_parallel=2)]
    events = run(cluster, [*jobs, job_on(H100, server="demo")])
    assert {where(event)["node"] for event in results(events, A100)} == {cluster.id_of("A100")}
    assert {where(event)["node"] for event in results(events, L4)} == {cluster.id_of("L4")}
    real = [event for event in results(events, H100) if event.job.deployment.server == "vllm"]
    assert {(where(event)["node"], where(event)["gpus"]) for event in real} == {(cluster.id_of("H100"), "0,1")}
    assert len(results(events)) == 8  # the simulated one needs no GPU
    (nowhere,) = of(NoNode, events)
    assert nowhere.job == b200
    assert nowhere.detail == "no node has 1 x B200; the cluster has 1 x A100, 1 x L4, 2 x H100"
    assert events.index(nowhere) < len(events) - 1
    assert {event.job.deployment.gpu for event in of(JobEnded, events)} == {A100, L4, H100}
    assert capfd.readouterr() == ("", "")


def test_no_two_jobs_share_a_gpu(cluster: LocalCluster) -> None:
    events = run(cluster, [job_on(H100, cells=1, flags={"cell_s": 1.0}) for _ in range(3)])
    seen = sorted((e.result.attempt.started_at, e.result.attempt.ended_at, where(e)["gpus"]) for e in results(events))
    assert {gpu for *_, gpu in seen[:2]} == {"0", "1"}
    assert seen[2][0] >= min(seen[0][1], seen[1][1])
    assert len({where(event)["pid"] for event in results(events)}) == 3


def test_a_node_that_joins_in_time_gets_its_jobs(cluster: LocalCluster) -> None:
    def join(_running: Running, event: ClusterEvent) -> None:
        if isinstance(event, JobEnded) and event.job.deployment.gpu == A100:
            cluster.add("H200", 1)

    events = run(cluster, [job_on("h200-sxm-141gb"), job_on(A100)], on=join, node_wait_s=PATIENCE_S)
    assert {where(e)["node"] for e in results(events, "h200-sxm-141gb")} == {cluster.id_of("H200")}
    assert of(NoNode, events) == []


def test_a_killed_node_costs_the_cell_in_work_and_the_rest_goes_to_its_successor(
    cluster: LocalCluster, capfd: pytest.CaptureFixture[str]
) -> None:
    first = cluster.id_of("A100")
    job = job_on(A100, cells=3, flags={"sleeps_before": 1})
    other = job_on(L4, cells=3, flags={"cell_s": 1.0})

    def kill(running: Running, event: ClusterEvent) -> None:
        if isinstance(event, ResultCame) and event.job == job:
            cluster.kill("A100")
        if isinstance(event, JobLost):
            running.send(what_is_left(job, 1))
            cluster.add("A100", 1)

    events = run(cluster, [job, other], on=kill, node_wait_s=PATIENCE_S)
    (lost,) = of(JobLost, events)
    assert (lost.job, lost.detail) == (job, "its node died, or can no longer be reached")
    done = [(event.result.attempt.cell_id, where(event)["node"]) for event in results(events, A100)]
    second = cluster.id_of("A100")
    assert done == [(job.cells[0].id, first), (job.cells[1].id, second), (job.cells[2].id, second)]
    assert len(results(events, L4)) == 3
    assert capfd.readouterr() == ("", "")


def test_a_node_whose_gpu_is_another_of_the_same_chip_is_passed_over(cluster: LocalCluster) -> None:
    small, large = cluster.id_of("A100"), cluster.add("A100", 1, name="A100 again")
    gpus = {small: ("NVIDIA A100-SXM4-40GB", 42_949_672_960), large: ("NVIDIA A100-SXM4-80GB", 85_899_345_920)}
    fakes = {"FAKE_GPUS": json.dumps(gpus), "PYTHONPATH": os.pathsep.join([str(FAKE_DRIVER), str(ROOT)])}
    try:
        jobs = [job_on("a100-sxm-80gb"), job_on("a100-sxm-40gb"), job_on("a100-pcie-80gb")]
        events = run(cluster, jobs, env=fakes)
        assert {where(event)["node"] for event in results(events, "a100-sxm-80gb")} == {large}
        assert {where(event)["node"] for event in results(events, "a100-sxm-40gb")} == {small}
        (nowhere,) = of(NoNode, events)
        assert nowhere.job.deployment.gpu == "a100-pcie-80gb"
        assert "is no machine for a100-pcie-80gb: the GPU is a NVIDIA A100-SXM4-" in nowhere.detail
    finally:
        cluster.kill("A100 again")


def test_a_killed_worker_is_lost_at_once_and_told_in_words(cluster: LocalCluster) -> None:
    def kill(_running: Running, event: ClusterEvent) -> None:
        if isinstance(event, ResultCame):
            os.kill(where(event)["pid"], signal.SIGKILL)

    events = run(cluster, [job_on(L4, flags={"sleeps_before": 1})], on=kill)
    assert len(results(events)) == 1
    assert [event.detail for event in of(JobLost, events)] == ["its process was killed, or crashed"]


def test_a_bug_on_a_worker_comes_with_its_trace(cluster: LocalCluster) -> None:
    events = run(cluster, [job_on(L4, flags={"breaks_before": 1})])
    assert len(results(events)) == 1
    (lost,) = of(JobLost, events)
    assert lost.detail == "the worker failed, ZeroDivisionError: as was asked"
    assert "in tell_where" in lost.trace


def test_whoever_stops_gets_what_was_told_and_no_worker_is_left(cluster: LocalCluster) -> None:
    told: list[ClusterEvent] = []
    sleeping, waiting = job_on(L4, flags={"sleeps_before": 1}), job_on(L4)
    events = run(
        cluster,
        [sleeping, waiting],
        on=lambda _, event: told.append(event) if isinstance(event, ResultCame) else None,
        should_stop=lambda: "enough" if told else "",
    )
    stopped = of(JobStopped, events)
    assert [event.detail for event in stopped] == ["enough", "enough"]
    assert all(job in [event.job for event in stopped] for job in (sleeping, waiting))
    assert len(results(events)) == 1
    assert is_gone(where(told[0])["pid"])


def test_an_interrupt_leaves_no_worker(cluster: LocalCluster) -> None:
    pids = []

    def interrupt(_running: Running, event: ClusterEvent) -> None:
        if isinstance(event, ResultCame):
            pids.append(where(event)["pid"])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(cluster, [job_on(L4, flags={"sleeps_before": 1})], on=interrupt)
    assert [is_gone(pid) for pid in pids] == [True]


def test_a_cluster_with_another_ray_is_refused_in_a_line(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray._private.utils  # noqa: PLC0415 - as in the fixture

    version = ray.__version__
    monkeypatch.setattr(ray._private.utils, "compute_version_info", lambda: ("2.1.0", "3.9.1"))
    with pytest.raises(MeasureError, match=rf"runs Ray {version} on Python .*, and here is Ray 2.1.0 on Python 3.9.1$"):
        run(cluster, [job_on(L4)])


def test_jobs_are_placed_before_anything_else_is_told(cluster: LocalCluster) -> None:
    events = run(cluster, [job_on(L4, cells=1)])
    assert [type(event).__name__ for event in events] == ["JobPlaced", "NewsCame", "ResultCame", "JobEnded"]
    assert isinstance(events[0], JobPlaced)
    assert events[0].node
