"""Files that visitors uploaded, kept under the digest of their content, so that a link can name them.

They live as long as the server. What a visitor calls a file is told, compared and hashed, and is never part of a path.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from advisor.cli.dashboard_server import MOST_UPLOAD_MB
from advisor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_UPLOAD_BYTES = MOST_UPLOAD_MB * 10**6
"""Size of one upload: a trace of some 500,000 requests."""

MOST_KEPT_BYTES = 500 * 10**6
"""Size of all uploads that a server keeps: 25 of the largest. A day of visitors fits, and a disk of a few GB is not filled."""

IN_USE_S = 600.0
"""A file that was looked at so lately stays, whoever else wants room: no visitor can drive out the files of the others."""

DIGITS = 24
"""Hexadecimal digits of a digest in a link: nobody finds two files that share them."""

_NAME_SIGNS = r"\w .()+,=@-"
_REFERENCE = re.compile(rf"(\w[{_NAME_SIGNS}]{{0,99}})~([0-9a-f]{{{DIGITS}}})")


class NotKeptError(InputError):
    """An upload that this server cannot keep: it has no room, or its disk has none."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was uploaded: the name it came with, and where its content lies on this machine.

    `lost` says that this server does not have it, not any more or never; nothing lies at its `path` then. Without a digest it
    is a file of which a link tells the name alone.
    """

    name: str
    path: str
    digest: str = ""
    lost: bool = False

    @property
    def reference(self) -> str:
        """What stands for it in a link."""
        return f"{self.name}~{self.digest}" if self.digest else self.name


@dataclass(frozen=True, slots=True)
class _Kept:
    size: int
    used_s: float


@dataclass(slots=True)
class Shelf:
    """The uploads of a server. Where they outgrow `most_bytes`, those that were not used for longest leave."""

    folder: Path
    most_bytes: int = MOST_KEPT_BYTES
    now_s: Callable[[], float] = monotonic
    _kept: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, kind: str, name: str, content: bytes) -> Upload:
        """Keep a file of a kind, such as a trace.

        Raises
        ------
        NotKeptError
            If other files, all of them in use, leave no room for it, or it cannot be written.
        """
        digest = sha256(content).hexdigest()[:DIGITS]
        upload = self._placed(kind, _told(name), digest)
        with self._lock:
            if not self._has(upload.path):
                self._make_room(len(content))
                _write(Path(upload.path), content)
            self._use(upload.path, len(content))
        return upload

    def find(self, kind: str, reference: str) -> Upload | None:
        """Return the upload that a text of a link stands for, lost or not; None where it says nothing."""
        if not reference:
            return None
        read = _REFERENCE.fullmatch(reference)
        name, digest = read.groups() if read else (_told(reference), "")
        upload = self._placed(kind, name, digest)
        with self._lock:
            if self._has(upload.path):
                self._use(upload.path, self._kept[upload.path].size)
                return upload
        return self._placed(kind, name, digest, lost=True)

    def _placed(self, kind: str, name: str, digest: str, *, lost: bool = False) -> Upload:
        """Return where an upload lies; one that is lost has a path of its own, which answers are kept under."""
        called = sha256(name.encode()).hexdigest()[:8]  # the same content under another name is another file
        folder = self.folder / "lost" if lost else self.folder
        return Upload(name, str(folder / f"{kind}-{digest}-{called}" / f"{kind}.csv"), digest, lost)

    def _has(self, path: str) -> bool:
        """Say whether a file is here; what cleans old files off a machine may have taken it."""
        if path in self._kept and not Path(path).is_file():
            del self._kept[path]
        return path in self._kept

    def _use(self, path: str, size: int) -> None:
        self._kept[path] = _Kept(size, self.now_s())
        self._kept.move_to_end(path)

    def _make_room(self, size: int) -> None:
        since_s = self.now_s() - IN_USE_S
        in_use = sum(kept.size for kept in self._kept.values() if kept.used_s > since_s)
        if in_use + size > self.most_bytes:
            told = f"This server has no room for the file: {self.most_bytes // 10**6} MB of files are in use."
            raise NotKeptError(told, hint=f"Upload it again in {IN_USE_S / 60:.0f} minutes.")
        while sum(kept.size for kept in self._kept.values()) + size > self.most_bytes:
            path, _ = self._kept.popitem(last=False)
            shutil.rmtree(Path(path).parent, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    """Write a file as a whole, or leave nothing of it."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as problem:
        shutil.rmtree(path.parent, ignore_errors=True)
        told = f"This server could not keep the file: {(problem.strerror or 'its disk refused it').lower()}."
        raise NotKeptError(told, hint="Upload it again later, or ask on the command line.") from None


def _told(name: str) -> str:
    """Return a name as it can be told in a link and in a command: its last part, signs that mean something elsewhere left out."""
    plain = re.sub(rf"[^{_NAME_SIGNS}]", "_", Path(name).name)[:99].strip()
    return plain if re.match(r"\w", plain) else f"_{plain}"


@cache
def shelf() -> Shelf:
    """Return the uploads of this server, in a folder that only it can read and that goes when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="advisor-dashboard-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Shelf(folder)
