"""How precise a run is so far: decides when it may end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.loadgen.intervals import BATCHES, half_width_share, median_half_width_share
from advisor.loadgen.ledger import lives, successes
from advisor.loadgen.pace import token_rates
from advisor.loadgen.steady import truncation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.loadgen.exchange import Exchange
    from advisor.loadgen.pace import Lives


SLICE_LIVES = 3.0
"""Mean end-to-end times that a slice lasts at least, so that neighboring slices share few requests."""

LEAST_SLICES = 4
"""Slices below which a half width is not told: by three or fewer it is mostly chance (assumed)."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Half widths of the 95 % intervals, as shares of the figures; None where they cannot be told yet."""

    e2e_share: float | None
    throughput_share: float | None

    def widest(self, *, offered: bool) -> float | None:
        """Return what decides: the wider of the two; of an offered load, whose throughput is no finding, that of e2e."""
        if offered or self.e2e_share is None:
            return self.e2e_share
        return None if self.throughput_share is None else max(self.e2e_share, self.throughput_share)


def throughput_share(all_lives: Lives, low_s: float, high_s: float) -> float | None:
    """Return the half width of the tokens per second of a window, as a share of them; None where it is too short.

    The window is cut into slices of at least three mean end-to-end times, ten at most, and their rates count as independent.
    A request spreads its tokens over its life T, so that rates in slices of length w < T are averages of much the same
    requests: their variance is near ``S/T (1 - w/3T)`` instead of ``S/w``, S the long-run variance per second, and says
    next to nothing about the window. For w >= T it is ``S/w (1 - T/3w)`` (white noise under two boxes, T and w); at
    w = 3T that is a ninth too small, and the half width 6 %.

    References
    ----------
    Law and Carson, "A sequential procedure for determining the length of a steady-state simulation", Operations Research
    27, 1979: batches must be long against the correlation time, and few of them will do.
    """
    life_s = all_lives.mean_life_s(low_s, high_s)
    slices = min(int((high_s - low_s) / (SLICE_LIVES * life_s)), BATCHES) if life_s > 0 else 0
    return half_width_share(token_rates(all_lives, low_s, high_s, slices=slices)) if slices >= LEAST_SLICES else None


def precision_so_far(ended: Sequence[Exchange], in_flight: Iterable[Exchange], *, now_s: float) -> Precision:
    """Return the precision of a run that goes on; what is not yet steady is left out."""
    measured = successes(ended)
    steady = measured.after(truncation(measured.e2e_s))
    if steady.size == 0:
        return Precision(None, None)
    share = throughput_share(lives(ended, in_flight, now_s=now_s), float(steady.intended_s[0]), now_s)
    return Precision(median_half_width_share(steady.e2e_s), share)
