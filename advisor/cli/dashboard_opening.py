"""Opening a browser on a dashboard of this process."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_WAIT_S = 30.0
"""Time that a server may take to start; one that has not by then has another problem."""

EVERY_S = 0.1


def open_soon(url: str, *, serves: Callable[[], bool]) -> None:
    """Open a browser in the background once this process serves; where there is none, the address stands on the terminal."""
    if sys.platform == "linux" and not _has_display():
        return
    Thread(target=open_once, args=(url, serves), daemon=True, name="opening").start()


def open_once(url: str, serves: Callable[[], bool]) -> None:
    """Open a browser once this process serves, and not at all if it does not: another program may have got the port."""
    until_s = time.monotonic() + LONGEST_WAIT_S
    while not serves():
        if time.monotonic() > until_s:
            return
        time.sleep(EVERY_S)
    webbrowser.open(url)


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
