"""Which deployment to measure next, and in which order the others are worth it.

Knows costs and log speeds of options in many draws. Refuses to know what a measurement costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.planning.next_worth import all_regrets, beating_shares, expected_regret, outcome_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.planning.stakes import Stakes

    FloatArray = NDArray[np.float64]

ONE_SD = (0.1587, 0.8413)
"""Quantiles one standard deviation below and above the middle of a normal law: heavy tails do not reach them."""


APART_SHARE = 0.05
"""Difference between two spreads that draws can tell: twice the error of their ratio over 4,000 draws."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What measuring an option brings: the expected regret then, in the unit of its costs."""

    option: int
    regret_after: float


@dataclass(frozen=True, eq=False)
class Lookahead:
    """Options with their costs and log speeds in the same draws, before anything else is measured.

    `log_factors` is ``(options, draws)``. `noise_log_sd` is the error of one measurement.
    """

    stakes: Stakes
    log_factors: FloatArray
    noise_log_sd: float

    def regret_now(self) -> float:
        """Return the expected regret of the option with the least."""
        return expected_regret(all_regrets(self.stakes))

    def steadiest(self) -> int:
        """Return the option with the least expected regret; the first of equals."""
        return int(all_regrets(self.stakes).mean(axis=1).argmin())

    def prospects(self, options: Sequence[int]) -> list[Prospect]:
        """Return what measuring each of some options brings, the most first; the first of equals comes first."""
        told = np.isfinite(self.stakes.least)
        regrets, speeds = all_regrets(self.stakes), self.log_factors[:, told]
        found = [
            Prospect(i, expected_regret(regrets, outcome_shares(speeds[i], noise_log_sd=self.noise_log_sd)))
            for i in options
        ]
        return sorted(found, key=lambda prospect: prospect.regret_after)

    def log_sd(self, option: int) -> float:
        """Return the spread of an option's log speed, half of what holds 68 % of draws."""
        low, high = np.quantile(self.log_factors[option], ONE_SD)
        return float(high - low) / 2.0

    def likeliest_rival(self, option: int) -> int | None:
        """Return which option is over 2 % cheaper than one of them in the most draws; None if none ever is."""
        shares = beating_shares(self.stakes, option)
        return int(shares.argmax()) if shares.max() > 0.0 else None

    def next_option(self, chosen: int, options: Sequence[int]) -> int | None:
        """Return which of some options to measure first: the likeliest rival of the chosen one, or that one itself.

        The chosen one comes first where its own spread is larger, by more than the draws may be wrong. None where neither
        is among the options.

        References
        ----------
        Methods section 3.5 and experiment G.
        """
        rival = self.likeliest_rival(chosen)
        if rival is None:
            return None
        shakier = self.log_sd(chosen) > self.log_sd(rival) * (1.0 + APART_SHARE)
        pair = (chosen, rival) if shakier else (rival, chosen)
        return next((option for option in pair if option in options), None)
