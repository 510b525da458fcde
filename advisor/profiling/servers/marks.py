"""Marks in the environment of our server processes, by which they are found again whoever their parent is by then."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVER = "ADVISOR_SERVER_ID"
CAMPAIGN = "ADVISOR_CAMPAIGN_ID"
OWNER = "ADVISOR_SERVER_OWNER"
KEEPER = "ADVISOR_SERVER_KEEPER"

KEPT_READABLE = {"SPT_NOENV": "1"}
"""Keeps the library that renames vLLM's processes from writing their names over their environment, marks and all."""

_STAT = "/proc/{pid}/stat"
_FIELDS_BEFORE_START = 19  # after the name of the command: `starttime` is field 22, and the state is field 3


def marks_of(*, server_id: str, campaign_id: str) -> dict[str, str]:
    """Return the marks of a server that this process owns; its keeper adds itself."""
    return {SERVER: server_id, CAMPAIGN: campaign_id, OWNER: identity(os.getpid()), **KEPT_READABLE}


def identity(pid: int) -> str:
    """Name a process so that a later one with the same number has another name; empty if it is gone or a zombie.

    Where the kernel counts start times in ticks since boot, these are taken: a date would move whenever the clock is set.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return f"{pid}:{_start_ticks(pid) or process.create_time()}"
    except psutil.Error:
        return ""


def _start_ticks(pid: int) -> str:
    with suppress(OSError):
        return Path(_STAT.format(pid=pid)).read_text(encoding="utf-8").rpartition(")")[2].split()[_FIELDS_BEFORE_START]
    return ""


def is_there(name: str) -> bool:
    """Say whether the process that `identity` named is still running."""
    pid = name.partition(":")[0]
    return pid.isdigit() and identity(int(pid)) == name


def marked(
    *, server_id: str | None = None, campaign_id: str | None = None
) -> Iterator[tuple[psutil.Process, Mapping[str, str]]]:
    """Yield this user's living processes that carry our mark, with their environment; None stands for any."""
    for pid in psutil.pids():
        process, environment = _seen(pid)
        if process is None or SERVER not in environment:
            continue
        if server_id in {None, environment[SERVER]} and campaign_id in {None, environment.get(CAMPAIGN)}:
            yield process, environment


def _seen(pid: int) -> tuple[psutil.Process | None, Mapping[str, str]]:
    """Return a process with its environment, looked at anew; nothing if it is another user's, a zombie, or gone.

    What psutil remembers of earlier looks may be of another process that had this number.
    """
    with suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        if process.uids().real == os.getuid() and process.status() != psutil.STATUS_ZOMBIE:
            return process, process.environ()
    return None, {}
