"""The folder of a server's log. It is named after its owner, so that a later run finds what a killed one has left."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.profiling.servers import marks

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "advisor-server-"
_OWNED = re.compile(rf"{PREFIX}(\d+)-([\d.]+)-\w+")
"""Number and start of the owning process, as `marks.identity` tells them, and what makes the name unique."""


def new_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder of this process, which is removed when it is closed.

    Raises
    ------
    OSError
        If there is no room for one.
    """
    owner = marks.identity(os.getpid()).replace(":", "-")
    return tempfile.TemporaryDirectory(prefix=f"{PREFIX}{owner}-", ignore_cleanup_errors=True)


def sweep_folders() -> None:
    """Remove folders of this user whose owner is gone. Those of a living process, and others' files, are left alone."""
    for folder in _abandoned():
        shutil.rmtree(folder, ignore_errors=True)


def _abandoned() -> Iterator[Path]:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = _OWNED.fullmatch(folder.name)
        with suppress(OSError):
            mine = folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid()
            if owner and mine and not marks.is_there(f"{owner[1]}:{owner[2]}"):
                yield folder
