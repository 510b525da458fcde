"""A GPU driver that tells of one GPU, by the Ray node that asks: FAKE_GPUS maps nodes to names and memory (JSON)."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import ray

NVML_CLOCK_SM, NVML_CLOCK_MEM = 1, 2


class NVMLError(Exception):
    """What this GPU does not tell."""


def _told() -> tuple[str, int]:
    node = ray.get_runtime_context().get_node_id()
    name, memory_bytes = json.loads(os.environ["FAKE_GPUS"])[node]
    return name, memory_bytes


def nvmlInit() -> None:  # noqa: N802 - the driver's names
    _told()


def nvmlShutdown() -> None:  # noqa: N802
    return


def nvmlDeviceGetCount() -> int:  # noqa: N802
    return 1


def nvmlDeviceGetHandleByIndex(index: int) -> int:  # noqa: N802
    return index


def nvmlDeviceGetName(_handle: int) -> str:  # noqa: N802
    return _told()[0]


def nvmlSystemGetDriverVersion() -> str:  # noqa: N802
    return "1.0"


def nvmlDeviceGetMemoryInfo(_handle: int) -> SimpleNamespace:  # noqa: N802
    return SimpleNamespace(total=_told()[1])


def nvmlDeviceGetMaxClockInfo(_handle: int, _clock: int) -> int:  # noqa: N802
    raise NVMLError


def nvmlDeviceGetEnforcedPowerLimit(_handle: int) -> int:  # noqa: N802
    raise NVMLError
