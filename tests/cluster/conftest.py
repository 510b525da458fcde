"""A Ray cluster of four nodes on this machine: a head without GPUs, and three nodes whose GPUs are made up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HEALTH = {
    "health_check_initial_delay_ms": 500,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 1000,
    "health_check_failure_threshold": 3,
}
STORE_BYTES = 80 * 2**20
GPUS = {"H100": 2, "A100": 1, "L4": 1}


@dataclass
class LocalCluster:
    """A cluster whose nodes can be added and killed."""

    ray: Any
    nodes: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return str(self.ray.address)

    def add(self, kind: str, gpus: int, *, name: str = "") -> str:
        """Add a node that says it has such GPUs, called by their type or a name; return its identifier."""
        resources = {f"accelerator_type:{kind}": 1}
        self.nodes[name or kind] = self.ray.add_node(
            num_cpus=3, num_gpus=gpus, resources=resources, object_store_memory=STORE_BYTES
        )
        return self.id_of(name or kind)

    def id_of(self, name: str) -> str:
        return str(self.nodes[name].node_id)

    def kill(self, name: str) -> None:
        """Kill a node as if its machine had lost power."""
        self.ray.remove_node(self.nodes.pop(name), allow_graceful=False)


@pytest.fixture(scope="session")
def cluster(monkeypatch_session: pytest.MonkeyPatch) -> Iterator[LocalCluster]:
    monkeypatch_session.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster  # noqa: PLC0415 - half a second, for these tests alone

    head = {"num_cpus": 2, "include_dashboard": False, "object_store_memory": STORE_BYTES, "_system_config": HEALTH}
    running = LocalCluster(Cluster(initialize_head=True, head_node_args=head))
    try:
        for kind, gpus in GPUS.items():
            running.add(kind, gpus)
        yield running
    finally:
        running.ray.shutdown()


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch
