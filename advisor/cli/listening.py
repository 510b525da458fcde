"""Who listens at a port of this machine."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("net/tcp", "net/tcp6")
LISTENING = "0A"
"""The state of a socket that listens, as the kernel writes it."""


def listens(pid: int, port: int, *, proc: Path = Path("/proc")) -> bool:
    """Say whether a process of this user listens at a port. Where the kernel has no `/proc` to tell, it is taken to do so."""
    if not (proc / "net" / "tcp").exists():
        return True
    sockets = {f"socket:[{inode}]" for inode in _listening_at(port, proc)}
    return bool(sockets) and any(name in sockets for name in _opened_by(pid, proc))


def _listening_at(port: int, proc: Path) -> Iterator[str]:
    """Yield the inodes of sockets that listen at a port."""
    for table in TABLES:
        with suppress(OSError):
            for line in (proc / table).read_text(encoding="ascii").splitlines()[1:]:
                _, local, _, state, *others = line.split()
                if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
                    yield others[5]


def _opened_by(pid: int, proc: Path) -> Iterator[str]:
    """Yield the names of what a process has open; nothing of one that is gone, or of another user."""
    with suppress(OSError):
        for entry in (proc / str(pid) / "fd").iterdir():
            with suppress(OSError):
                yield str(entry.readlink())
