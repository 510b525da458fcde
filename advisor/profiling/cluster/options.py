"""Which cluster, and how patiently."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """Where jobs run. `address` None is Ray on this machine alone, which then has `num_gpus`, or those that Ray finds.

    `node_wait_s` is how long a job waits for a node of a kind that is not there. A cloud takes minutes to hand one over.
    `runtime_env` is Ray's description of what workers need besides what their machines have.
    """

    address: str | None = None
    node_wait_s: float = NODE_WAIT_S
    num_gpus: int | None = None
    runtime_env: Mapping[str, Any] = field(default_factory=dict)
