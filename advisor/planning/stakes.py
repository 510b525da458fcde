"""What is at stake in a choice: how often it is right, and what it costs to be wrong.

Knows costs of options in many draws. Refuses to know where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.planning.ranking import TIE_SHARE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

CLEAR_BELOW = 0.05
"""Share of draws with a cheaper rival below which a choice is clear (methods section 3.4)."""

LIKELY_BELOW = 0.25
"""Share of draws with a cheaper rival below which a choice is likely (methods section 3.4)."""


@dataclass(frozen=True)
class Stakes:
    """Costs of options in each draw, ``(options, draws)``, infinite where an option cannot do it.

    `planned` are the costs that were planned with, ``(options,)``: they are lost where an option turns out not to do.
    """

    costs: FloatArray
    planned: FloatArray

    @property
    def least(self) -> FloatArray:
        """Cost of the best option in each draw, ``(draws,)``; infinite where none does."""
        return np.asarray(self.costs.min(axis=0), dtype=np.float64)

    def best_share(self, options: Sequence[int], *, among: Sequence[int] | None = None) -> float:
        """Return the share of draws in which some option does, and the cheapest costs at most 2 % more than any of `among`.

        A draw in which none of the options does is none that they win, whether anything else does or not.
        """
        rivals = self.costs if among is None else self.costs[list(among)]
        chosen = self.costs[list(options)].min(axis=0)
        return float(np.mean(np.isfinite(chosen) & (chosen <= rivals.min(axis=0) * (1 + TIE_SHARE))))

    @property
    def nothing_share(self) -> float:
        """Share of draws in which no option does."""
        return float(np.mean(~np.isfinite(self.least)))

    def regret(self, option: int) -> float:
        """Return what an option costs over the best one on average.

        Where it turns out not to do, what was planned for it is lost and the best one is paid as well. Draws in which
        nothing does tell nothing, and are left out.
        """
        regrets = self.regrets(option)
        return float(regrets.mean()) if regrets.size else 0.0

    def regrets(self, option: int) -> FloatArray:
        """Return the regret of an option in each draw in which anything does."""
        told = np.isfinite(self.least)
        least, cost = self.least[told], self.costs[option][told]
        return np.asarray(np.where(np.isfinite(cost), cost - least, self.planned[option]), dtype=np.float64)

    def rival_of(self, option: int) -> tuple[int, float] | None:
        """Return who is cheapest most often where an option costs over 2 % more than the best, and how often; or None."""
        beaten = self.least * (1 + TIE_SHARE) < self.costs[option]
        if not beaten.any():
            return None
        counts = np.bincount(self.costs[:, beaten].argmin(axis=0), minlength=self.costs.shape[0])
        return int(counts.argmax()), float(counts.max() / self.costs.shape[1])
