"""How a number is known."""

from __future__ import annotations

from enum import StrEnum


class Basis(StrEnum):
    """How a number is known, strongest first. `simulated` stands apart and never mixes with the others."""

    MEASURED = "measured"
    PUBLISHED = "published"
    MODELED = "modeled"
    SIMULATED = "simulated"

    def weaker_than(self, other: Basis) -> bool:
        """Return whether this basis comes after the other in order of strength."""
        order = tuple(Basis)
        return order.index(self) > order.index(other)
