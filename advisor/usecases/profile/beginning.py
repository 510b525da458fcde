"""Beginning with a cell: what a worker tells then, so that anybody can see what is being measured, where, and since when."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from advisor.domain.attempt import CellStart, Stage, WorkerNews
from advisor.domain.campaign import ServerKind
from advisor.profiling.servers.gpu import VISIBLE, gpu_labels
from advisor.usecases.profile.opening import now_utc

if TYPE_CHECKING:
    from datetime import datetime

    from advisor.domain.campaign import Cell, ServedDeployment


def server_begins(cell: Cell) -> WorkerNews:
    """Return the news that a server starts here on which a cell is measured first."""
    start = _start(cell, Stage.STARTING, now_utc())
    return WorkerNews(
        cell.deployment.label, Stage.STARTING, cell.id, f"starts a server for {cell.load.label}", start=start
    )


def load_begins(cell: Cell, at: datetime) -> WorkerNews:
    """Return the news that the load of a cell begins."""
    start = _start(cell, Stage.MEASURING, at)
    return WorkerNews(cell.deployment.label, Stage.WARMING, cell.id, f"{cell.load.label}: begins", start=start)


def _start(cell: Cell, stage: Stage, at: datetime) -> CellStart:
    deployment = cell.deployment
    return CellStart(cell_id=cell.id, stage=stage, node=_node(deployment), gpus=_gpus(deployment), started_at=at)


def _node(deployment: ServedDeployment) -> str:
    """Return where a server runs: on this machine, or where its address says."""
    return urlsplit(deployment.endpoint).netloc if deployment.server is ServerKind.ENDPOINT else socket.gethostname()


def _gpus(deployment: ServedDeployment) -> tuple[str, ...]:
    count = deployment.rented_gpus
    return gpu_labels(visible=deployment.env.get(VISIBLE), count=count) if count else ()
