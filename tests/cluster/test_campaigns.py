"""Whole campaigns through the command line, on a cluster with several types of GPU and engines of vLLM's shape."""

from __future__ import annotations

import os
import signal
import time
from socket import gethostname
from typing import TYPE_CHECKING, Any

import pytest

from advisor.profiling.servers import marks
from advisor.profiling.servers.ports import is_free
from tests.cluster.campaigns import CampaignFile, Driver, double_on, ended, measured
from tests.cluster.test_local import of_ray, wait_until_gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cluster.conftest import LocalCluster

pytestmark = pytest.mark.cluster

H100, A100, L4, B200 = "h100-sxm-80gb", "a100-sxm-80gb", "l4-24gb", "b200-sxm-180gb"
NOT_COMPLETE, INTERRUPTED = 5, 130
SLOW = {"first_s": 0.25, "gap_s": 0.005}
WITHIN_S = 60.0


def demo() -> dict[str, Any]:
    """Return a simulated server, which needs no GPU."""
    return {"model": "gemma-4-26b-a4b", "gpu": "h100", "precision": "fp8", "server": "demo", "max_num_seqs": 16}


def on(cluster: LocalCluster, *more: str) -> list[str]:
    """Return the words that name a cluster, with what else is asked."""
    return ["--address", cluster.address, "--progress", "json", *more]


def raylet_of(cluster: LocalCluster, kind: str) -> int:
    return int(cluster.nodes[kind].all_processes["raylet"][0].process.pid)


def states(campaign: CampaignFile) -> dict[str, list[str]]:
    """Return how far the cells are, by the GPU of their deployment."""
    found: dict[str, list[str]] = {}
    for cell in campaign.status()["cells"]:
        found.setdefault(cell["deployment"].partition(",")[0].split()[-1], []).append(cell["state"])
    return found


def last_outcomes(campaign: CampaignFile) -> list[str | None]:
    return [cell["last_outcome"] for cell in campaign.status()["cells"]]


def assert_nothing_left(campaign: CampaignFile) -> None:
    """Wait until no process of the campaign's engines is there and their ports are free; fail if that does not come."""
    engines = campaign.engines()
    ids, until = {engine["server_id"] for engine in engines}, time.monotonic() + WITHIN_S
    while left := [process for process, env in marks.marked() if env[marks.SERVER] in ids]:
        assert time.monotonic() < until, left
        time.sleep(0.05)
    assert [engine["port"] for engine in engines if not is_free(engine["port"])] == []


def at_work(campaign: CampaignFile, cluster: LocalCluster) -> Driver:
    """Start a campaign and return it once its first cell is measured and another is at work."""
    driver = campaign.start("run", *on(cluster))
    driver.hears(lambda event: measured([event]) != [])
    begun = len(driver.events())
    driver.hears(lambda event: event.get("stage") == "measuring" and driver.events().index(event) >= begun)
    return driver


def measures_on(gpu: str) -> Callable[[dict[str, Any]], bool]:
    """Return what tells that a cell is measured on such a GPU."""
    return lambda event: event.get("stage") == "measuring" and gpu in event["deployment"]


@pytest.fixture
def one(tmp_path: Path) -> CampaignFile:
    """Return a campaign of one slow server with three cells."""
    return CampaignFile(tmp_path / "one", [double_on(H100)], habits=SLOW, levels=(2, 4, 8))


@pytest.fixture
def endless(tmp_path: Path) -> CampaignFile:
    """Return a campaign that takes far longer than a test."""
    return CampaignFile(tmp_path / "endless", [double_on(H100)], habits=SLOW, rules={"requests": 5000}, levels=(2, 8))


def test_each_cell_lands_on_its_type_and_a_type_without_a_node_is_reported_until_it_has_one(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    asked = [double_on(H100, tensor_parallel=2), double_on(A100), double_on(L4), double_on(B200)]
    campaign = CampaignFile(tmp_path / "types", [{**one, "served_name": one["gpu"]} for one in asked])
    driver = campaign.run("run", *on(cluster, "--node-wait", "3s"))
    assert driver.process.returncode == NOT_COMPLETE
    assert "of 8 cells 2 left open" in driver.complaints
    assert states(campaign) == {
        H100: ["measured"] * 2,
        A100: ["measured"] * 2,
        L4: ["measured"] * 2,
        B200: ["open"] * 2,
    }
    lacking = next(cell for cell in campaign.status()["cells"] if B200 in cell["deployment"])
    assert lacking["last_outcome"] == "no_node"
    assert lacking["detail"].startswith("no node has 1 x B200; the cluster has ")
    kinds = {H100: ("H100", "0,1"), A100: ("A100", "0"), L4: ("L4", "0")}
    assert {(engine["served"], engine["raylet"], engine["gpus"]) for engine in campaign.engines()} == {
        (gpu, raylet_of(cluster, kind), gpus) for gpu, (kind, gpus) in kinds.items()
    }
    finished = [cell["run_id"] for cell in campaign.status()["cells"] if cell["run_id"]]

    again = campaign.start("resume", *on(cluster, "--node-wait", "60s"))
    again.hears(lambda event: event["event"] == "campaign_started")
    cluster.add("B200", 1)
    try:
        assert again.wait() == 0, again.complaints
        assert campaign.engines()[-1]["raylet"] == raylet_of(cluster, "B200")
    finally:
        cluster.kill("B200")
    assert states(campaign)[B200] == ["measured"] * 2
    assert set(finished) < {cell["run_id"] for cell in campaign.status()["cells"]}
    assert_nothing_left(campaign)


def test_a_server_whose_engine_core_dies_costs_the_cell_at_work_one_try(
    cluster: LocalCluster, one: CampaignFile
) -> None:
    driver = at_work(one, cluster)
    os.kill(one.engines()[0]["core"], signal.SIGKILL)
    assert driver.wait() == 0, driver.complaints
    assert [event["outcome"] for event in ended(driver.events())] == [
        "measured",
        "crashed_under_load",
        "measured",
        "measured",
    ]
    crashed = next(event for event in driver.events() if event.get("outcome") == "crashed_under_load")
    assert "EngineCore died unexpectedly" in crashed["text"]
    assert len(one.engines()) >= 3  # one more for the cells that were left, and one for the cell that is tried again
    assert_nothing_left(one)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_campaign_leaves_nothing_running_and_goes_on_where_it_was(
    cluster: LocalCluster, one: CampaignFile, number: signal.Signals
) -> None:
    driver = at_work(one, cluster)
    driver.process.send_signal(number)
    assert driver.wait() == INTERRUPTED
    assert driver.complaints.startswith("interrupted; what was measured is stored")
    assert_nothing_left(one)
    first, *others = one.status()["cells"]
    assert (first["state"], [cell["state"] for cell in others]) == ("measured", ["open", "open"])
    assert others[0]["last_outcome"] == "cancelled"
    again = one.run("resume", *on(cluster))
    assert again.process.returncode == 0, again.complaints
    assert len(measured(again.events())) == 2
    assert one.status()["cells"][0]["run_id"] == first["run_id"]


def test_what_runs_on_each_node_is_told_and_is_interrupted_once_the_driver_is_killed(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    asked, rules = [double_on(H100, tensor_parallel=2), double_on(A100)], {"requests": 5000}
    both = CampaignFile(tmp_path / "both", asked, habits=SLOW, rules=rules, levels=(2,))
    driver = both.start("run", *on(cluster, "--max-gpu-hours", "5"))
    for gpu in (H100, A100):
        driver.hears(measures_on(gpu))
    found = both.status()
    assert (found["limits"], found["driver"]) == (
        {"gpu_hours": 5.0, "usd": None},
        f"process {driver.process.pid} on {gethostname()}",
    )
    assert {(cell["node"], *cell["gpus"]) for cell in found["at_work"]} == {
        (gethostname(), "GPU 0", "GPU 1"),
        (gethostname(), "GPU 0"),
    }
    assert [(cell["stage"], cell["attempt"], cell["interrupted"]) for cell in found["at_work"]] == [
        ("measuring", 1, False)
    ] * 2
    assert all(cell["gpu_hours"] > 0.0 for cell in found["at_work"])
    driver.process.kill()
    driver.process.wait()
    left = both.status()
    assert (left["driver"], [cell["interrupted"] for cell in left["at_work"]]) == ("", [True, True])
    assert_nothing_left(both)


def test_a_campaign_that_is_cancelled_elsewhere_stops_and_a_second_driver_is_refused(
    cluster: LocalCluster, endless: CampaignFile
) -> None:
    driver = endless.start("run", *on(cluster))
    driver.hears(lambda event: event.get("stage") == "measuring")
    second = endless.run("resume", *on(cluster))
    assert second.process.returncode == NOT_COMPLETE
    assert f"process {driver.process.pid}" in second.complaints
    told: dict[str, Any] = endless.run("cancel", "-f", "json").answer()
    assert "was asked to stop" in told["warnings"][-1]["message"]
    assert driver.wait() == NOT_COMPLETE
    assert "2 left open (it was cancelled)" in driver.complaints
    assert last_outcomes(endless) == ["cancelled", None]
    assert endless.status()["at_work"] == []
    assert_nothing_left(endless)


def test_a_campaign_stops_at_its_limit_of_gpu_hours_and_counts_what_it_gave_up(
    cluster: LocalCluster, endless: CampaignFile
) -> None:
    driver = endless.run("run", *on(cluster, "--max-gpu-hours", "0.001"))
    assert driver.process.returncode == NOT_COMPLETE
    assert "the limit of 0.001 GPU-hours is reached" in driver.complaints
    status = endless.status()
    assert 0.001 <= status["gpu_hours"] < 0.01
    assert [cell["last_outcome"] for cell in status["cells"]] == ["cancelled", None]
    assert_nothing_left(endless)


def test_a_campaign_on_this_machine_alone_that_was_killed_is_resumed_and_leaves_nothing(tmp_path: Path) -> None:
    campaign = CampaignFile(tmp_path / "alone", [demo()], rules={"requests": 8}, levels=(4, 8))
    driver = campaign.start("run", "--progress", "json")
    driver.hears(lambda event: measured([event]) != [])
    (first, *_) = [cell["run_id"] for cell in campaign.status()["cells"]]
    of_killed = of_ray(driver.process.pid)
    driver.process.kill()
    driver.process.wait()
    again = campaign.run("resume", "--progress", "json")
    assert again.process.returncode == 0, again.complaints
    cells = campaign.status()["cells"]
    assert [cell["state"] for cell in cells] == ["measured"] * 2
    assert cells[0]["run_id"] == first
    assert len(measured(again.events())) <= 1
    assert wait_until_gone(of_killed | of_ray(again.process.pid)) == set()
    assert [env for _, env in marks.marked(campaign_id=campaign.status()["campaign_id"])] == []
