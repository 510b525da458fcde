"""Finding the name a user meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable


def resolve(kind: str, text: str, names: Iterable[str]) -> str:
    """Return the name that `text` is, or the only one it begins; case does not matter.

    Raises
    ------
    UnknownNameError
        If no name begins so.
    InputError
        If several do; the sentence names them.
    """
    known = sorted(names)
    wanted = text.strip().lower()
    exact = [name for name in known if name.lower() == wanted]
    matching = exact or [name for name in known if wanted and name.lower().startswith(wanted)]
    if not matching:
        raise UnknownNameError(kind, text, known)
    if len(matching) > 1:
        raise InputError(f"{kind} {text!r} could be {', '.join(matching)}", hint="write one of these names in full")
    return matching[0]
