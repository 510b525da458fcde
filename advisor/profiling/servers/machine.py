"""The machine that a server runs on: its name, its processor, its GPUs, its container."""

from __future__ import annotations

import os
import platform
import re
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.profiling.servers.gpu import VISIBLE, gpu_hardware

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.attempt import Hardware

IMAGE_VARIABLES = ("ADVISOR_IMAGE", "CONTAINER_IMAGE", "IMAGE_NAME")
"""Variables in which a container is usually told its image; nothing inside of it knows."""

_CPU = Path("/proc/cpuinfo")
_PODMAN = Path("/run/.containerenv")
_MOUNTS = Path("/proc/self/mountinfo")


def hardware_of(env: Mapping[str, str], *, gpus: int) -> Hardware:
    """Return the machine, with the GPUs that a server with this environment uses."""
    told = gpu_hardware(visible=env.get(VISIBLE), count=gpus)
    return told.model_copy(
        update={"hostname": socket.gethostname(), "cpu": _cpu_name(), "cpu_count": os.cpu_count()},
    )


def image_of(env: Mapping[str, str]) -> str:
    """Return the container image, else the number of the container; empty outside of one."""
    named = next((env[name] for name in IMAGE_VARIABLES if env.get(name)), "")
    return (
        named
        or _first(r'^image="(.+)"', _PODMAN)
        or _first(r"/(?:docker|containerd)/containers/([0-9a-f]{12})", _MOUNTS)
    )


def _cpu_name() -> str:
    return _first(r"^model name\s*:\s*(.+)$", _CPU) or platform.processor() or platform.machine()


def _first(pattern: str, path: Path) -> str:
    with suppress(OSError):
        found = re.search(pattern, path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
        return found[1] if found else ""
    return ""
