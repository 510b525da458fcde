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

MOST_UPLOAD_BYTES = 20 * 10**6
"""Size of one upload: a trace of some 500,000 requests."""

MOST_KEPT_BYTES = 500 * 10**6
"""Size of all uploads that a server keeps: 25 of the largest. A day of visitors fits, and a disk of a few GB is not filled."""

DIGITS = 24
"""Hexadecimal digits of a digest in a link: nobody finds two files that share them."""

_NAME_SIGNS = r"\w .()+,=@-"
_REFERENCE = re.compile(rf"(\w[{_NAME_SIGNS}]{{0,99}})~([0-9a-f]{{{DIGITS}}})")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was uploaded: the name it came with, and where its content lies on this machine.

    `lost` says that this server does not have it, not any more or never; nothing lies at its `path` then.
    """

    name: str
    path: str
    digest: str = ""
    lost: bool = False

    @property
    def reference(self) -> str:
        """What stands for it in a link."""
        return f"{self.name}~{self.digest}"


@dataclass(slots=True)
class Shelf:
    """The uploads of a server. Where they outgrow `most_bytes`, those that were not used for longest leave."""

    folder: Path
    most_bytes: int = MOST_KEPT_BYTES
    _sizes: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, kind: str, name: str, content: bytes) -> Upload:
        """Keep a file of a kind, such as a trace."""
        digest = sha256(content).hexdigest()[:DIGITS]
        kept = self._placed(kind, _told(name), digest)
        with self._lock:
            if kept.path not in self._sizes:
                Path(kept.path).parent.mkdir(exist_ok=True)
                Path(kept.path).write_bytes(content)
                self._sizes[kept.path] = len(content)
            self._sizes.move_to_end(kept.path)
            self._make_room()
        return kept

    def find(self, kind: str, reference: str) -> Upload | None:
        """Return the upload that a text of a link stands for, lost or not; None where it can stand for none."""
        read = _REFERENCE.fullmatch(reference)
        if read is None:
            return None
        name, digest = read.groups()
        kept = self._placed(kind, name, digest)
        with self._lock:
            if kept.path in self._sizes:
                self._sizes.move_to_end(kept.path)
                return kept
        return Upload(name, str(self.folder / "lost" / f"{kind}.csv"), digest, lost=True)

    def _placed(self, kind: str, name: str, digest: str) -> Upload:
        called = sha256(name.encode()).hexdigest()[:8]  # the same content under another name is another file
        return Upload(name, str(self.folder / f"{kind}-{digest}-{called}" / f"{kind}.csv"), digest)

    def _make_room(self) -> None:
        while sum(self._sizes.values()) > self.most_bytes and len(self._sizes) > 1:
            path, _ = self._sizes.popitem(last=False)
            shutil.rmtree(Path(path).parent, ignore_errors=True)


def _told(name: str) -> str:
    """Return a name as it can be told in a link and in a command: its last part, signs that mean something elsewhere left out."""
    plain = re.sub(rf"[^{_NAME_SIGNS}]", "_", Path(name).name)[:99].strip()
    return plain if re.match(r"\w", plain) else f"_{plain}"


def no_upload(kind: str) -> Upload:
    """Return what stands for a file that a link asks for and does not name: lost, so that nothing is answered without it."""
    return Upload(f"{kind}.csv", "", "0" * DIGITS, lost=True)


@cache
def shelf() -> Shelf:
    """Return the uploads of this server, in a folder that only it can read and that goes when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="advisor-dashboard-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Shelf(folder)
