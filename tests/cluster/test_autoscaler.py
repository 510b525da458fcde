"""Ray's own autoscaler starts machines for our jobs from zero: the pools of the shipped cloud file, with pretended machines."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import yaml

from advisor.profiling.cluster import ClusterAccess, ClusterEvent, JobEnded, NoNode, run_jobs
from tests.cluster.works import job_on, tell_where
from tests.house.source import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.cluster

PORT = 6379
"""The provider of pretended machines knows no other."""
CPUS = {"CPU": 2}
PATIENCE_S = 40.0


def pretended(told: dict[str, Any]) -> dict[str, Any]:
    """Return a cluster file whose machines are processes here, with the pools of another."""
    head = "ray.head.default"
    types = {
        name: {**kind, "node_config": {}, "resources": {**CPUS, **kind["resources"], "object_store_memory": 80 * 2**20}}
        for name, kind in told["available_node_types"].items()
        if name != told["head_node_type"]
    }
    return {
        "cluster_name": "pretended",
        "max_workers": told["max_workers"],
        "idle_timeout_minutes": told["idle_timeout_minutes"],
        "upscaling_speed": 1.0,
        "provider": {"type": "fake_multinode"},
        "head_node_type": head,
        "available_node_types": {head: {"resources": {"CPU": 1}, "node_config": {}, "max_workers": 0}, **types},
        **{name: {} for name in ("auth", "docker", "file_mounts")},
        **{
            name: []
            for name in ("initialization_commands", "setup_commands", "head_setup_commands", "worker_setup_commands")
        },
        **{name: [] for name in ("head_start_ray_commands", "worker_start_ray_commands", "cluster_synced_files")},
        **{name: [] for name in ("rsync_exclude", "rsync_filter")},
        "file_mounts_sync_continuously": False,
    }


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[str]:
    """Start a head with the autoscaler, and yield its address."""
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(("", PORT))
        except OSError:
            pytest.skip(f"port {PORT} is in use")
    told = yaml.safe_load((ROOT / "profiles" / "clusters" / "ray-autoscaler-aws.yaml").read_text(encoding="utf-8"))
    config, folder = tmp_path / "pretended.json", Path(tempfile.mkdtemp(prefix="ray-"))  # sockets need a short path
    config.write_text(json.dumps(pretended(told)), encoding="utf-8")
    quiet = {"RAY_FAKE_CLUSTER": "1", "AUTOSCALER_UPDATE_INTERVAL_S": "1", "RAY_AUTH_MODE": "disabled"}
    words = [
        "start",
        "--head",
        f"--port={PORT}",
        "--num-cpus=1",
        "--object-store-memory=83886080",
        "--include-dashboard=false",
    ]
    words += [f"--autoscaling-config={config}", f"--temp-dir={folder}", "--disable-usage-stats"]
    command = [sys.executable, "-m", "ray.scripts.scripts", *words]
    subprocess.run(command, env={**os.environ, **quiet}, check=True, capture_output=True)
    try:
        yield f"127.0.0.1:{PORT}"
    finally:
        while left := users(folder):
            for process in left:
                with suppress(psutil.Error):
                    process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def users(folder: Path) -> list[psutil.Process]:
    """Return the other processes that write below a folder: we, too, have a log of Ray's there."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            inside = any(file.path.startswith(f"{folder}{os.sep}") for file in process.open_files())
            found += [process] if inside and process.pid != os.getpid() else []
    return found


def test_machines_of_each_type_come_when_a_job_asks_for_them(aws: str) -> None:
    gpus = ["h100-sxm-80gb", "a100-sxm-80gb", "l40s-48gb"]
    exact = job_on("h200-sxm-141gb", accelerator_type="gpu:h200-sxm-141gb", tensor_parallel=8)
    nowhere = job_on("b200-sxm-180gb")
    options = ClusterAccess(address=aws, node_wait_s=PATIENCE_S)
    done: list[str] = []

    def enough() -> str:
        return "all types have come" if len(done) == len(gpus) + 1 else ""

    events: list[ClusterEvent] = []
    with run_jobs([*map(job_on, gpus), exact, nowhere], tell_where, options=options, should_stop=enough) as running:
        for event in running:
            events.append(event)
            done += [event.job.deployment.gpu] if isinstance(event, JobEnded) else []
    assert sorted(done) == sorted([*gpus, "h200-sxm-141gb"])
    assert [event for event in events if isinstance(event, NoNode)] == []
