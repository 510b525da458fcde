"""How a number is known."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Basis(StrEnum):
    """How a number is known, strongest first. `simulated` stands apart and never mixes with the others."""

    MEASURED = "measured"
    PUBLISHED = "published"
    MODELED = "modeled"
    SIMULATED = "simulated"


_ORDER = tuple(Basis)


def weakest(bases: Iterable[Basis]) -> Basis:
    """Return the weakest basis of a chain, which is the one to show.

    Raises
    ------
    ValueError
        If there is none.
    """
    return max(bases, key=_ORDER.index)
