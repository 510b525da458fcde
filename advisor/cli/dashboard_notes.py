"""Dashboards of this user that run: each leaves a note in a folder of the user, by which `--open` finds the one it wants.

A note counts only while the process that wrote it lives, which a lock tells that goes with it whatever ends it, and where that
very process listens at the port that the note names. One of another user, or that others could have written, never counts.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import stat
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from advisor import __version__
from advisor.cli.listening import listens
from advisor.usecases.addresses import in_one_spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.cli.options import EvidenceOptions

OWN = "advisor"
PATTERN = "dashboard-*.json"
MOST_BYTES = 4096
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Note:
    """What a dashboard says of itself. `serves` stands for its figures: see `serves_of`. `host` matters where folders are shared."""

    pid: int
    host: str
    address: str
    port: int
    serves: str
    version: str = __version__


def serves_of(data: EvidenceOptions, script: Path) -> str:
    """Return a text that is the same for dashboards which show the same figures: database, profiles, rules, version and pages.

    It is a digest, since the address of a database may carry a password.
    """
    profiles = str(data.profiles.resolve()) if data.profiles else ""
    told = [in_one_spelling(data.db), profiles, bool(data.allow_simulated), __version__, str(script)]
    return sha256(json.dumps(told).encode()).hexdigest()


def notes_folder() -> Path:
    """Return where notes are: the folder for things of this session that the platform gives a user, else the one for caches."""
    from platformdirs import user_cache_dir  # noqa: PLC0415 - only where a dashboard is wanted

    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(runtime) / OWN if runtime else Path(user_cache_dir(OWN))


@contextmanager
def noted(address: str, port: int, serves: str) -> Iterator[None]:
    """Leave a note of this process while this lasts. Where none can be left, the dashboard is served all the same."""
    path = notes_folder() / f"dashboard-{os.getpid()}.json"
    handle = _opened_to_write(path)
    if handle is None:
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # a process before us with our number is gone, so nobody keeps it
        note = Note(os.getpid(), socket.gethostname(), address, port, serves)
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps(asdict(note)).encode())
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _opened_to_write(path: Path) -> int | None:
    """Open our own note for writing; None where the folder cannot be made, or is not ours alone to write to."""
    try:
        path.parent.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        if not _is_own_folder(path.parent):
            return None
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        handle = os.open(path, flags, stat.S_IRUSR | stat.S_IWUSR)
    except OSError:
        return None
    if _is_own_file(handle):
        return handle
    os.close(handle)
    return None


def running(serves: str, *, answers: Callable[[str, int], bool]) -> Note | None:
    """Return the note of a dashboard that runs on this machine and shows these figures; None where none does.

    `answers` says whether a server answers at an address and a port. Notes of processes that are gone are removed.
    """
    return next(
        (
            note
            for note in _living()
            if note.serves == serves and listens(note.pid, note.port) and answers(note.address, note.port)
        ),
        None,
    )


def _living() -> Iterator[Note]:
    folder = notes_folder()
    try:
        paths = sorted(folder.glob(PATTERN)) if _is_own_folder(folder) else []
    except OSError:
        return
    for path in paths:
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                note = _note(handle)
                if note is not None and _is_held(handle):
                    yield note
                elif note is not None:
                    path.unlink()
            finally:
                os.close(handle)


def _note(handle: int) -> Note | None:
    """Return what an open note says; None where it is not ours, was written on another machine, or says nothing."""
    if not _is_own_file(handle):
        return None
    try:
        note = Note(**json.loads(os.read(handle, MOST_BYTES)))
    except (ValueError, TypeError):
        return None
    return note if note.host == socket.gethostname() and isinstance(note.port, int) else None


def _is_held(handle: int) -> bool:
    """Say whether the process that wrote a note lives: it keeps it locked."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _is_own_folder(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & OTHERS_WRITE


def _is_own_file(handle: int) -> bool:
    found = os.fstat(handle)
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & OTHERS
