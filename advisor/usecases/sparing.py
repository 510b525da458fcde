"""Spares of a plan: as many as asked for, or as many as an availability takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.planning.sparing import spares_needed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.question import Question


MOST_INSTALLED = 4096


@dataclass(frozen=True)
class Spares:
    """The rule for spares. `availability` is that of one replica by price basis, `target` that of enough of them."""

    fixed: int
    target: float | None
    availability: Mapping[str, float]

    @classmethod
    def of(cls, question: Question, availability: Mapping[str, float]) -> Spares:
        """Return the rule of a question."""
        return cls(question.spares or 0, question.availability, availability)

    def beside(self, needed: int, basis: str) -> int:
        """Return how many spares stand beside the replicas that are needed."""
        if self.target is None:
            return self.fixed
        return spares_needed(needed, availability=self.availability[basis], target=self.target)

    def most_needed(self, installed: int, basis: str) -> int:
        """Return how many may be needed where so many can be installed; 0 if the spares alone are too many."""
        if self.target is None:
            return max(installed - self.fixed, 0)
        fits, fails = 0, min(installed, MOST_INSTALLED) + 1
        while fails - fits > 1:  # more needed ones never take fewer spares
            middle = (fits + fails) // 2
            fits, fails = (middle, fails) if middle + self.beside(middle, basis) <= installed else (fits, middle)
        return fits
