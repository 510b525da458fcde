"""A server and its keeper: whoever dies, nothing is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from advisor.profiling.servers import marks
from advisor.profiling.servers.ending import kill_all
from advisor.profiling.servers.kept import Kept
from advisor.profiling.servers.sweeping import sweep
from tests.unit.profiling.servers.conftest import FAKE, assert_gone, left_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CAMPAIGN = f"keeper-tests-{os.getpid()}"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="keepers are for POSIX")

OWN = f"""
import json, sys, time
from pathlib import Path
from advisor.profiling.servers.kept import Kept
command, env, log, server_id = json.loads(sys.argv[1])
kept = Kept(command, env=env, log=Path(log), server_id=server_id, campaign_id="{CAMPAIGN}", grace_s=1.0)
print(kept.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def order(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., dict[str, Any]]:
    """Return what a fake engine is kept with; its server is named after the test."""

    def arguments(**behaves: Any) -> dict[str, Any]:
        log = tmp_path / "server.log"
        log.touch()
        command = [
            sys.executable,
            str(FAKE),
            "serve",
            "x",
            "--served-model-name",
            "m",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
        ]
        env = {**os.environ, "FAKE_ENGINE": json.dumps({"mute": True, **behaves})}
        return {"command": command, "env": env, "log": log, "server_id": f"{request.node.name}-{os.getpid()}"}

    return arguments


@pytest.fixture
def keep(order: Callable[..., dict[str, Any]]) -> Iterator[Callable[..., Kept]]:
    """Return a way to keep a fake engine, which is ended after the test whatever happens."""
    started: list[Kept] = []

    def kept(*, grace_s: float = 5.0, **behaves: Any) -> Kept:
        started.append(Kept(**order(**behaves), campaign_id=CAMPAIGN, grace_s=grace_s))
        return started[-1]

    yield kept
    for server in started:
        server.stop()


def wait_for(path: Path) -> str:
    """Return the content of a file once there is some."""
    until = time.monotonic() + 30.0
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return path.read_text()


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30.0
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def kill_keeper(server_id: str) -> None:
    wait_until(lambda: bool(left_of(server_id)))  # a process that has just started has no environment for a moment
    (_, environment), *_ = marks.marked(server_id=server_id)
    os.kill(int(environment[marks.KEEPER].partition(":")[0]), signal.SIGKILL)


def test_a_server_lives_in_a_session_of_its_own_and_ends_when_asked(keep: Callable[..., Kept]) -> None:
    kept = keep()
    assert kept.pid is not None
    assert kept.alive()
    assert os.getsid(kept.pid) == kept.pid
    assert kept.stop() == set()
    assert not kept.alive()
    assert left_of(kept.server_id) == set()
    assert not kept.lost


def test_a_server_that_does_not_want_to_end_is_killed(keep: Callable[..., Kept]) -> None:
    kept = keep(deaf=True, grace_s=0.2)
    assert kept.pid is not None
    kept.stop()
    assert_gone({kept.pid})


@pytest.mark.servers
def test_a_server_gets_the_time_that_it_needs_to_end_if_its_owner_lives(
    keep: Callable[..., Kept], tmp_path: Path
) -> None:
    kept = keep(slow_end=str(tmp_path / "ended"), child=str(tmp_path / "child"), grace_s=20.0)
    wait_for(tmp_path / "child")
    kept.stop()
    assert (tmp_path / "ended").exists()


@pytest.mark.servers
def test_an_orphan_in_another_session_is_ended_with_its_server(keep: Callable[..., Kept], tmp_path: Path) -> None:
    kept = keep(child=str(tmp_path / "child"))
    orphan = int(wait_for(tmp_path / "child"))
    wait_until(lambda: orphan in left_of(kept.server_id))
    kept.stop()
    assert_gone({orphan})


@pytest.mark.servers
def test_what_a_server_leaves_when_it_ends_is_ended_and_its_status_told(
    keep: Callable[..., Kept], tmp_path: Path
) -> None:
    kept = keep(child=str(tmp_path / "child"), exit=3)
    wait_until(lambda: not kept.alive())
    assert kept.exited == 3
    assert_gone({int(wait_for(tmp_path / "child"))})


def test_a_killed_server_is_told_at_once_by_its_signal(keep: Callable[..., Kept]) -> None:
    kept = keep()
    assert kept.pid is not None
    os.kill(kept.pid, signal.SIGKILL)
    wait_until(lambda: not kept.alive())
    assert kept.exited == -signal.SIGKILL


def test_a_command_that_cannot_be_run_is_refused(order: Callable[..., dict[str, Any]]) -> None:
    kept = Kept(**{**order(), "command": [str(FAKE.parent)]}, campaign_id=CAMPAIGN)
    assert not kept.alive()
    assert "Permission denied" in kept.refused
    assert kept.stop() == set()


def test_a_killed_keeper_is_noticed_and_its_server_ended_by_us(keep: Callable[..., Kept], tmp_path: Path) -> None:
    kept = keep(child=str(tmp_path / "child"))
    orphan = int(wait_for(tmp_path / "child"))
    kill_keeper(kept.server_id)
    wait_until(lambda: kept.lost)
    assert not kept.alive()
    kept.stop()
    assert kept.pid is not None
    assert_gone({kept.pid, orphan})


@pytest.mark.servers
def test_nothing_is_left_of_an_owner_that_was_killed(order: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    arguments = order(child=str(tmp_path / "child"), deaf=True)
    owner, server = own(arguments)
    orphan = int(wait_for(tmp_path / "child"))
    owner.kill()
    owner.wait()
    assert_gone({server, orphan})
    wait_until(lambda: not arguments["log"].exists())


def test_a_keeper_is_neither_a_child_nor_in_the_group_of_its_owner(keep: Callable[..., Kept]) -> None:
    """Whoever ends a worker with its children or its process group (as Ray does) does not end the keeper."""
    kept = keep()
    keeper = psutil.Process(kept.pid).parent()
    assert keeper is not None
    assert keeper.ppid() != os.getpid()
    assert os.getpgid(keeper.pid) != os.getpgrp()


def test_a_keeper_is_small(keep: Callable[..., Kept]) -> None:
    kept = keep()
    keeper = psutil.Process(kept.pid).parent()
    assert keeper is not None
    assert keeper.memory_info().rss < 30e6


def test_a_sweep_leaves_the_server_of_a_living_owner_alone(keep: Callable[..., Kept]) -> None:
    kept = keep()
    assert kept.pid not in sweep()
    assert kept.pid not in sweep(CAMPAIGN)
    assert kept.alive()


@pytest.mark.parametrize("campaign_id", [CAMPAIGN, None], ids=["one campaign", "all campaigns"])
def test_a_sweep_ends_what_is_left_of_a_killed_owner_and_keeper(
    order: Callable[..., dict[str, Any]], campaign_id: str | None
) -> None:
    arguments = order()
    owner, server = own(arguments)
    kill_keeper(arguments["server_id"])
    owner.kill()
    owner.wait()
    assert server not in sweep("another-campaign")
    sweep(campaign_id)  # what it returns is left out here: another test may sweep all campaigns at the same time
    assert_gone({server})


def test_whoever_was_killed_is_told() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    process = psutil.Process(child.pid)
    met, stuck = kill_all(lambda: [process] if child.poll() is None else [])
    assert (met, stuck) == ({child.pid}, set())


def own(arguments: dict[str, Any]) -> tuple[subprocess.Popen[str], int]:
    """Start a process that owns a server; return it, and the number of the server."""
    told = json.dumps([arguments["command"], arguments["env"], str(arguments["log"]), arguments["server_id"]])
    owner = subprocess.Popen([sys.executable, "-c", OWN, told], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout as said:
        return owner, int(said.readline())


def test_a_renamed_process_keeps_its_environment_readable() -> None:
    """Else the library that renames vLLM's engine cores would overwrite their marks with their names."""
    assert marks.marks_of(server_id="s", campaign_id="c")["SPT_NOENV"]


def test_a_process_is_not_mistaken_for_a_later_one_of_the_same_number() -> None:
    mine = marks.identity(os.getpid())
    number, _, started = mine.partition(":")
    assert marks.is_there(mine)
    assert not marks.is_there(f"{number}:{started}1")
    assert not marks.is_there("")


def test_a_zombie_is_not_there() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    wait_until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)
    assert marks.identity(child.pid) == ""
    child.wait()
