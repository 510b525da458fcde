"""Finding the name a user meant, and making one for a file that holds none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from advisor.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def resolve(kind: str, text: str, names: Iterable[str]) -> str:
    """Return the one name that `text` means; case does not matter.

    That is the name itself, else the only one it begins, else the only one it begins as a whole word, else the SXM
    part: who writes ``h100`` and can mean only one, means that.

    Raises
    ------
    UnknownNameError
        If no name begins so.
    InputError
        If several remain; the sentence names them.
    """
    matching = resolve_all(kind, text, names)
    usual = [name for name in matching if "-sxm-" in name]
    if len(matching) > 1 and len(usual) != 1:
        raise InputError(f"{kind} {text!r} could be {', '.join(matching)}", hint="write one of these names in full")
    return matching[0] if len(matching) == 1 else usual[0]


def resolve_all(kind: str, text: str, names: Iterable[str]) -> list[str]:
    """Return every name that `text` means, for filters: ``h100`` means all of its variants, ``l4`` not the L40S.

    Raises
    ------
    UnknownNameError
        If no name begins so.
    """
    known = sorted(names)
    wanted = text.strip().lower()
    exact = [name for name in known if name.lower() == wanted]
    words = [name for name in known if wanted and name.lower().startswith(f"{wanted}-")]
    matching = exact or words or [name for name in known if wanted and name.lower().startswith(wanted)]
    if not matching:
        raise UnknownNameError(kind, text, known)
    return matching


def file_name(path: Path, *, default: str) -> str:
    """Return the name of what a file holds, made of the file's own: ``My Trace.csv`` holds ``my-trace``."""
    return re.sub(r"[^a-z0-9.]+", "-", path.stem.lower()).strip("-.") or default
