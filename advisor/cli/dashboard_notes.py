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
import time
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

    from advisor.cli.dashboard_options import DashboardOptions
    from advisor.cli.options import EvidenceOptions

OWN = "advisor"
PATTERN = "dashboard-*.json"
MOST_BYTES = 4096
OLD_S = 30 * 24 * 3600.0
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


Taken = frozenset[tuple[str, int]]
"""Addresses and ports that dashboards of this user have, or will have."""


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
def noted(choose: Callable[[Taken], DashboardOptions], serves: str) -> Iterator[DashboardOptions]:
    """Choose where to serve, and leave a note of it while this lasts. Where none can be left, it is served all the same.

    `choose` is told which places others have. Of two that choose at the same time the second knows what the first has taken,
    though nobody listens there yet.
    """
    path = notes_folder() / f"dashboard-{os.getpid()}.json"
    with _alone() as folder:
        where = choose(frozenset((note.address, note.port) for note in _living(folder)))
        note = Note(os.getpid(), socket.gethostname(), where.address, where.port, serves)
        handle = _left(path, note) if folder else None
    try:
        yield where
    finally:
        if handle is not None:
            _remove(path, handle)


@contextmanager
def _alone() -> Iterator[Path | None]:
    """Have the folder of notes for oneself: notes come and go one after the other. None where it is not ours alone to write to."""
    folder = notes_folder()
    try:
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW) if _is_own_folder(folder) else None
    except OSError:
        handle = None
    if handle is None:
        yield None
        return
    try:
        with suppress(OSError):  # some file systems have no locks: two may come at the same time there
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(handle)


def _left(path: Path, note: Note) -> int | None:
    """Write a note, and return it open and locked; None where that cannot be: there is no room, or no lock."""
    handle = _opened_to_write(path)
    if handle is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # a process before us with our number is gone, so nobody keeps it
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps(asdict(note)).encode())
    except OSError:
        _remove(path, handle)
        return None
    return handle


def _remove(path: Path, handle: int) -> None:
    with suppress(OSError):
        path.unlink()
    os.close(handle)


def _opened_to_write(path: Path) -> int | None:
    """Open our own note for writing; None where that cannot be."""
    try:
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

    `answers` says whether a server answers at an address and a port.
    """
    with _alone() as folder:
        living = _living(folder)
    return next(
        (
            note
            for note in living
            if note.serves == serves and listens(note.pid, note.port) and answers(note.address, note.port)
        ),
        None,
    )


def _living(folder: Path | None) -> list[Note]:
    """Return the notes of processes of this machine that live, and remove those that nobody keeps."""
    try:
        paths = sorted(folder.glob(PATTERN)) if folder else []
    except OSError:
        return []
    return [note for path in paths if (note := _if_living(path)) is not None]


def _if_living(path: Path) -> Note | None:
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not _is_own_file(handle):
                return None
            note = _note(handle)
            here = note is None or note.host == socket.gethostname()
            if _is_held(handle):
                return note if here else None
            if here or _is_old(handle):
                path.unlink()
        finally:
            os.close(handle)
    return None


def _note(handle: int) -> Note | None:
    """Return what an open note says; None where that is nothing."""
    with suppress(ValueError, TypeError):
        said = json.loads(os.read(handle, MOST_BYTES))
        note = Note(**said)
        if isinstance(said["port"], int) and isinstance(said["address"], str):
            return note
    return None


def _is_old(handle: int) -> bool:
    """Say whether a note is so old that it may go though another machine wrote it, whose locks we may not see."""
    return time.time() - os.fstat(handle).st_mtime > OLD_S


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
