"""What follows once a dashboard of this process serves: a browser on it, and the first answer worked out meanwhile."""

from __future__ import annotations

import os
import runpy
import sys
import time
import webbrowser
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONGEST_WAIT_S = 30.0
"""Time that a server may take to start; one that has not by then has another problem."""

EVERY_S = 0.05


def open_soon(url: str, *, serves: Callable[[], bool]) -> None:
    """Open a browser in the background; where there is none, the address stands on the terminal."""
    if sys.platform != "linux" or _has_display():
        _in_background(serves, lambda: webbrowser.open(url), name="opening")


def warm_soon(script: Path, *, serves: Callable[[], bool]) -> None:
    """Run the dashboard's warming in the background: its settings are known only once it serves."""
    _in_background(serves, lambda: runpy.run_path(str(script), run_name="__main__"), name="warming")


def _in_background(serves: Callable[[], bool], then: Callable[[], object], *, name: str) -> None:
    Thread(target=once_serving, args=(serves, then), daemon=True, name=name).start()


def once_serving(serves: Callable[[], bool], then: Callable[[], object]) -> None:
    """Do something once this process serves, and not at all if it does not: another program may have got the port."""
    until_s = time.monotonic() + LONGEST_WAIT_S
    while not serves():
        if time.monotonic() > until_s:
            return
        time.sleep(EVERY_S)
    then()


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
