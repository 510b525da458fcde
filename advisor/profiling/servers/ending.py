"""Ends processes of ours for good."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LOOK_S = 0.05
GIVE_UP_S = 60.0
"""After so long a killed process that is still there is stuck in the kernel, and cannot be helped."""


def kill_all(find: Callable[[], Iterable[psutil.Process]]) -> tuple[set[int], set[int]]:
    """Kill whoever is found until nobody is; return whom that met, and who cannot be killed."""
    until = time.monotonic() + GIVE_UP_S
    met: set[int] = set()
    while (left := {process.pid: process for process in find()}) and time.monotonic() < until:
        met |= left.keys()
        for process in left.values():
            with suppress(psutil.Error):
                process.kill()
        time.sleep(LOOK_S)
    return met, set(left)
