"""Working out the first answer of the dashboard while the browser still loads it."""

from __future__ import annotations

import runpy
import time
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONGEST_WAIT_S = 30.0
"""Time that a server may take to start; one that has not by then has another problem."""

EVERY_S = 0.05


def warm_soon(script: Path, *, answers: Callable[[], bool]) -> None:
    """Run the dashboard's warming in the background, once the server answers: its settings are known only then."""
    Thread(target=_warm, args=(script.with_name("warming.py"), answers), daemon=True, name="warming").start()


def _warm(script: Path, answers: Callable[[], bool]) -> None:
    until_s = time.monotonic() + LONGEST_WAIT_S
    while not answers():
        if time.monotonic() > until_s:
            return
        time.sleep(EVERY_S)
    runpy.run_path(str(script), run_name="__main__")
