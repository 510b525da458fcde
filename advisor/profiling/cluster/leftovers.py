"""The folder of a Ray that we start. It is named after its owner, so that a later run finds what a killed one has left."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from advisor.profiling.servers import marks
from advisor.profiling.servers.ending import kill_all

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "advisor-ray-"
LONGEST_BASE = 20
"""Ray's sockets lie 90 characters below the base, and a socket's path has at most 103 (macOS) or 107 (Linux)."""


@contextmanager
def own_folder() -> Iterator[Path]:
    """Yield the folder for a Ray of this process; whoever still uses it afterwards is ended, and it is removed."""
    folder = _base() / f"{PREFIX}{marks.identity(os.getpid()).replace(':', '-')}"
    folder.mkdir(exist_ok=True)
    try:
        yield folder
    finally:
        _clear(folder)


def sweep_ray() -> tuple[int, ...]:
    """End what is left of a Ray on this machine whose owner, an `advisor`, was killed; return the processes that were ended.

    Most of it dies with its owner. Ray's agents stay for a minute or two, and its folder for good.
    """
    return tuple(sorted(pid for folder in _abandoned() for pid in _clear(folder)))


def _base() -> Path:
    """Return where temporary files go, unless its path is too long for sockets."""
    base = Path(tempfile.gettempdir())
    short = Path("/tmp")  # noqa: S108 - the folder below it is ours alone
    return base if len(str(base)) <= LONGEST_BASE or sys.platform == "win32" else short


def _abandoned() -> Iterator[Path]:
    for folder in _base().glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).replace("-", ":", 1)
        with suppress(OSError):
            if folder.stat().st_uid == os.getuid() and not marks.is_there(owner):
                yield folder


def _clear(folder: Path) -> set[int]:
    """End the users of a folder and remove it."""
    met, _ = kill_all(lambda: _users(folder))
    shutil.rmtree(folder, ignore_errors=True)
    return met


def _users(folder: Path) -> Iterator[psutil.Process]:
    """Yield processes of this user, other than ourselves, that write below a folder: Ray's keep their logs open."""
    inside = f"{folder.resolve()}{os.sep}"
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid == os.getpid() or process.uids().real != os.getuid():
                continue
            if any(file.path.startswith(inside) for file in process.open_files()):
                yield process
