"""A server process of ours, from its command line to the last of its children.

Knows processes, engine flags, engine logs and the GPU's driver. Refuses to know load, figures and what a campaign is.
The door opens late: the keeper of a server is a small process, and starts from this package too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.profiling.servers.failing import ServerFailed
    from advisor.profiling.servers.gpu import gpu_readings
    from advisor.profiling.servers.serve import Server, serving
    from advisor.profiling.servers.sweeping import sweep

__all__ = ["Server", "ServerFailed", "gpu_readings", "serving", "sweep"]

_HOMES = {
    "Server": "serve",
    "ServerFailed": "failing",
    "gpu_readings": "gpu",
    "serving": "serve",
    "sweep": "sweeping",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
