"""Ray on this machine alone: started for a campaign, quiet, and gone afterwards, however the campaign ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from advisor.profiling.cluster import sweep_ray
from tests.house.source import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.cluster

PATIENCE_S = 60.0
FOLDER = "advisor-ray-"


@contextmanager
def driver(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a driver in a process group of its own; kill it if it is still there at the end."""
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.cluster.driver", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def lines_until(started: subprocess.Popen[str], event: str) -> list[dict[str, Any]]:
    """Read what a driver says, up to an event."""
    assert started.stdout is not None
    said = []
    for line in started.stdout:
        said.append(json.loads(line))
        if said[-1].get("event") == event:
            return said
    raise AssertionError(f"the driver has ended: {said} {started.stderr and started.stderr.read()}")


def of_ray(owner: int) -> set[int]:
    """Return the processes that use the folder of an owner's Ray, and the owner itself."""
    users = set()
    for process in psutil.process_iter():
        try:
            opened = [file.path for file in process.open_files()]
        except psutil.Error:
            continue
        if any(f"{FOLDER}{owner}-" in path for path in opened):
            users.add(process.pid)
    return users


def wait_until_gone(pids: set[int]) -> set[int]:
    until = time.monotonic() + PATIENCE_S
    while (left := {pid for pid in pids if psutil.pid_exists(pid)}) and time.monotonic() < until:
        time.sleep(0.2)
    return left


def test_a_campaign_on_this_machine_is_quiet_and_leaves_nothing(tmp_path: Path) -> None:
    with driver("cell_s=0.5", HOME=str(tmp_path)) as started:
        said = lines_until(started, "JobPlaced")
        pids = of_ray(started.pid)
        said += lines_until(started, "JobEnded")
        assert started.communicate(timeout=PATIENCE_S) == ("", "")
    assert len(pids) >= 4
    assert [line["event"] for line in said] == [
        "Joined", "JobPlaced", "NewsCame", "ResultCame", "ResultCame", "JobEnded",
    ]  # fmt: skip
    assert started.returncode == 0
    assert list(tmp_path.iterdir()) == []  # Ray would leave the token of its cluster in the user's home
    assert wait_until_gone(pids) == set()


def test_what_a_killed_driver_leaves_is_found_and_ended() -> None:
    with driver("sleeps_before=1") as started:
        said = lines_until(started, "ResultCame")
        assert psutil.Process(said[-1]["pid"]).nice() == psutil.Process(started.pid).nice()
        pids = of_ray(started.pid) | {said[-1]["pid"]}
        started.kill()
        started.wait()
        sweep_ray()
    assert wait_until_gone(pids) == set()
    assert of_ray(started.pid) == set()


def test_a_sweep_leaves_the_ray_of_a_living_driver_alone() -> None:
    with driver("cell_s=1.5") as started:
        lines_until(started, "JobPlaced")
        before = of_ray(started.pid)
        assert sweep_ray() == ()
        assert before <= of_ray(started.pid)
        lines_until(started, "JobEnded")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_driver_ends_it_as_it_would_without_ray(number: signal.Signals) -> None:
    with driver("sleeps_before=1") as started:
        said = lines_until(started, "ResultCame")
        assert said[0] == {"event": "Joined", "signals_kept": True}
        pids = of_ray(started.pid) | {said[-1]["pid"]}
        os.killpg(started.pid, number)  # as a terminal does
        started.communicate(timeout=PATIENCE_S)
    sweep_ray()
    assert wait_until_gone(pids) == set()


def test_an_address_where_something_else_listens_is_refused_in_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with driver(address) as started:
            said, errors = started.communicate(timeout=PATIENCE_S)
    assert json.loads(said)["refused"] == f"no head of a Ray cluster answers at {address} within 20 s"
    assert errors == ""
