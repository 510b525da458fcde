"""Kills processes of a campaign at random points, has it resumed, and judges what is left of it in the end.

Whom it can kill: the driver, a Ray node, the Ray worker of a job, the keeper of a server, the API server, the engine core. Each
with SIGKILL, whenever the seed says so, whatever is going on then.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from advisor import store
from advisor.profiling.servers import marks
from advisor.profiling.servers.ports import is_free

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping

    from tests.cluster.campaigns import CampaignFile, Driver
    from tests.cluster.conftest import LocalCluster

LOOK_S = 0.05
GONE_WITHIN_S = 60.0
RESUMES = 3
"""Runs that a campaign may take without being disturbed: the last driver may have given a deployment up for the time being."""
DRIVERS_PER_KILL = 10
KEEPER = "advisor.profiling.servers.keeper"
JOBS = ("ray::gemma", "ray::diffusiongemma")


@dataclass
class Chaos:
    """A campaign that is disturbed. `pace_s` is the longest wait between two kills."""

    cluster: LocalCluster
    draw: random.Random
    next_campaign: Callable[[], CampaignFile]
    pace_s: float = 5.0
    killed: Counter[str] = field(default_factory=Counter)
    campaigns: list[CampaignFile] = field(default_factory=list)
    drivers: list[Driver] = field(default_factory=list)
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    raylets: set[int] = field(default_factory=set)

    def run(self, kills: int) -> None:
        """Disturb campaigns so many times, then let the last one come to its end."""
        order: list[str] = []
        while self.killed.total() < kills:
            self._keep_going()
            time.sleep(self.draw.uniform(0.0, self.pace_s))
            self._look()
            order = order or self.draw.sample(sorted(VICTIMS), len(VICTIMS))
            victim = next((name for name in reversed(order) if VICTIMS[name](self)), None)
            order = [name for name in order if name != victim] if victim else []
            if victim:
                self._note(victim)
        self._finish()

    @property
    def campaign(self) -> CampaignFile:
        """The campaign at work."""
        return self.campaigns[-1]

    @property
    def driver(self) -> Driver:
        """The driver at work, or the last one."""
        return self.drivers[-1]

    def _keep_going(self) -> None:
        """See to it that a driver works: on a new campaign, if the last one is complete."""
        here = {_raylet(node) for node in self.cluster.nodes.values()}
        assert all(map(psutil.pid_exists, here)), "a node has died that nobody has killed"
        self.raylets |= here
        if not self.drivers or (self.driver.ended and not open_cells(self.campaign)):
            self.campaigns.append(self.next_campaign())
            self._start()
        elif self.driver.ended:
            self._start()

    def _start(self) -> None:
        """Start the campaign at work, or go on with it. What was killed twice has failed, and is to be tried again."""
        assert len(self.drivers) < DRIVERS_PER_KILL * (self.killed.total() + 1), self.driver.complaints
        verb = ("resume", "--retry-failed") if campaign_id(self.campaign) else ("run",)
        told = ("--address", self.cluster.address, "--progress", "json", "--node-wait", "60s")
        self.drivers.append(self.campaign.start(*verb, *told))

    def _look(self) -> None:
        """Take note of what is accepted: it must stay."""
        for campaign in self.campaigns:
            before, now = self.seen.get(campaign.name, {}), accepted(campaign)
            assert before.items() <= now.items(), "an accepted result was replaced"
            self.seen[campaign.name] = now

    def _note(self, victim: str) -> None:
        self.killed[victim] += 1
        told = {"kill": self.killed.total(), "victim": victim, "done": len(accepted(self.campaign)), "at": time.time()}
        with (self.campaign.folder / "kills.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")

    def _finish(self) -> None:
        """Let the last campaign come to its end, undisturbed."""
        for _ in range(RESUMES):
            if self.driver.ended:
                self._start()
            self.driver.wait(within_s=900.0)
            self._look()
            if not open_cells(self.campaign):
                return
        raise AssertionError(f"still open: {open_cells(self.campaign)}\n{self.driver.complaints}")


# --- whom it kills: each function says whether there was anybody --------------------------------------------------------------


def _kill_driver(chaos: Chaos) -> bool:
    if chaos.driver.ended:
        return False
    chaos.driver.process.kill()
    chaos.driver.process.wait()
    return True


def _kill_node(chaos: Chaos) -> bool:
    """Kill a node, and let another one of its type come after a while."""
    kind = chaos.draw.choice(sorted(chaos.cluster.nodes))
    gpus = int(chaos.cluster.nodes[kind].get_resource_and_label_spec().num_gpus)
    chaos.cluster.kill(kind)
    time.sleep(chaos.draw.uniform(0.0, 2.0))
    chaos.cluster.add(kind, gpus)
    return True


def _kill_worker(chaos: Chaos) -> bool:
    return _kill_one(chaos, _workers(chaos.raylets))


def _kill_keeper(chaos: Chaos) -> bool:
    keepers = {env[marks.KEEPER] for _, env in _servers(chaos) if marks.is_there(env.get(marks.KEEPER, ""))}
    return _kill_one(chaos, [psutil.Process(int(keeper.partition(":")[0])) for keeper in sorted(keepers)])


def _kill_api(chaos: Chaos) -> bool:
    return _kill_one(chaos, [process for process, env in _servers(chaos) if _is_first(process, env)])


def _kill_core(chaos: Chaos) -> bool:
    return _kill_one(chaos, [process for process, env in _servers(chaos) if not _is_first(process, env)])


VICTIMS: Mapping[str, Callable[[Chaos], bool]] = {
    "driver": _kill_driver,
    "node": _kill_node,
    "worker": _kill_worker,
    "keeper": _kill_keeper,
    "api server": _kill_api,
    "engine core": _kill_core,
}


def _kill_one(chaos: Chaos, candidates: list[psutil.Process]) -> bool:
    if not candidates:
        return False
    try:
        chaos.draw.choice(candidates).send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return False
    return True


def _servers(chaos: Chaos) -> list[tuple[psutil.Process, Mapping[str, str]]]:
    """Return the processes of all servers of the campaign at work."""
    found = marks.marked(campaign_id=campaign_id(chaos.campaign) or "none yet")
    return sorted(found, key=lambda pair: pair[0].pid)


def _is_first(process: psutil.Process, env: Mapping[str, str]) -> bool:
    """Say whether a process is the one that its keeper has started: the API server."""
    with suppress(psutil.NoSuchProcess):
        return str(process.ppid()) == env.get(marks.KEEPER, "").partition(":")[0]
    return False


def _workers(raylets: set[int]) -> list[psutil.Process]:
    """Return the Ray workers that have a job of ours: they are called after its deployment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.ppid() in raylets and "".join(process.cmdline()).startswith(JOBS):
                found.append(process)
    return sorted(found, key=lambda worker: worker.pid)


def _raylet(node: Any) -> int:
    return int(node.all_processes["raylet"][0].process.pid)


# --- what it judges -----------------------------------------------------------------------------------------------------------


def campaign_id(campaign: CampaignFile) -> str:
    """Return the campaign in the database; empty if it has not come so far."""
    if not store.exists(campaign.url):
        return ""
    with store.open_store(campaign.url) as held:
        return next((record.id for record in held.campaigns()), "")


def accepted(campaign: CampaignFile) -> dict[str, str]:
    """Return the accepted attempt of each cell that has one."""
    if not (known := campaign_id(campaign)):
        return {}
    with store.open_store(campaign.url) as held:
        return dict(held.accepted(known))


def open_cells(campaign: CampaignFile) -> list[str]:
    """Return the cells without an accepted result; a campaign that was never begun has one of no name."""
    if not (known := campaign_id(campaign)):
        return [""]
    with store.open_store(campaign.url) as held:
        done = held.accepted(known)
        return [cell.label for cell in held.cells(known) if cell.id not in done]


def assert_sound(campaign: CampaignFile) -> None:
    """Fail unless each cell has one accepted result, none was tried again after it, and the database is whole."""
    with store.open_store(campaign.url) as held:
        known = campaign_id(campaign)
        done, attempts = held.accepted(known), held.attempts(known)
        cells = {cell.id for cell in held.cells(known)}
    assert done.keys() == cells
    last = {attempt.cell_id: attempt.id for attempt in attempts}
    assert last == dict(done), "a finished cell was tried again"
    with closing(sqlite3.connect(campaign.database)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def assert_nothing_left(campaigns: list[CampaignFile], raylets: set[int]) -> None:
    """Wait until no process of the campaigns' servers is left, nor a keeper of them; fail if that does not come."""
    folders = {str(campaign.records) for campaign in campaigns}
    ids = {campaign_id(campaign) for campaign in campaigns}
    until = time.monotonic() + GONE_WITHIN_S
    while left := sorted(_left(folders, ids, raylets)):
        assert time.monotonic() < until, left
        time.sleep(LOOK_S)
    ports = {port for campaign in campaigns for port in _ports(campaign)}
    assert [port for port in sorted(ports) if not (is_free(port) or _is_given_on(port))] == []


def _is_given_on(port: int) -> bool:
    """Say whether a process holds a port, when none of ours is left: the system gives free ports to others, such as Ray."""
    return any(one.pid and one.laddr and one.laddr.port == port for one in psutil.net_connections(kind="tcp"))


def _ports(campaign: CampaignFile) -> set[int]:
    """Return the ports of all servers, told by themselves or stored."""
    with store.open_store(campaign.url) as held:
        commands = [server.software.command for server in held.servers(campaign_id(campaign))]
    stored = {int(command[command.index("--port") + 1]) for command in commands if "--port" in command}
    return stored | {engine["port"] for engine in campaign.engines()}


def _left(folders: set[str], ids: set[str], raylets: set[int]) -> Iterator[str]:
    """Yield the processes that servers of ours, or their keepers, have left: found by mark, by environment, by command."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            environment, command = process.environ(), process.cmdline()
            keeps = KEEPER in command and int(environment.get("RAY_RAYLET_PID", "0")) in raylets
            serves = environment.get(marks.CAMPAIGN) in ids or environment.get("DOUBLE_RECORDS") in folders
            if keeps or serves:
                yield f"{process.pid} {' '.join(command)}"
