"""How bursty measured arrivals are: the variance of their counts over the mean, by the length of the window.

Knows counting. Refuses to know which window matters.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from advisor.queueing.station import FloatArray

LEAST_WINDOWS = 12
"""Windows that a variance needs at least; longer windows are answered with the longest that has so many."""
WINDOWS_PER_OCTAVE = 2


@dataclass(frozen=True, slots=True, eq=False)
class CountDispersion:
    """Variance-to-mean ratio of arrival counts: 1 for a Poisson process at any window, more for bursts.

    Attributes
    ----------
    log_windows
        Logarithms of window lengths in mean gaps; ascending.
    ratios
        Variance over mean of the counts in windows of each length.
    """

    log_windows: FloatArray
    ratios: FloatArray

    @classmethod
    def of(cls, times_s: FloatArray) -> Self:
        """Count arrivals in windows from half a mean gap up to a twelfth of the whole time.

        Parameters
        ----------
        times_s
            Ascending times of arrival.

        Raises
        ------
        ValueError
            If the times span no duration or there are fewer than three.
        """
        span_s = float(times_s[-1] - times_s[0]) if times_s.size > 2 else 0.0
        if not span_s > 0:
            raise ValueError("dispersion needs three arrivals or more over some time")
        gaps = (times_s - times_s[0]) * ((times_s.size - 1) / span_s)
        longest = (times_s.size - 1) / LEAST_WINDOWS
        octaves = max(np.log2(longest / 0.5), 0.0)
        windows = 0.5 * 2.0 ** np.linspace(0.0, octaves, int(octaves * WINDOWS_PER_OCTAVE) + 1)
        return cls(np.log(windows), np.array([_ratio(gaps, window) for window in windows.tolist()]))

    def over(self, window_gaps: float) -> float:
        """Return the ratio for a window that is so many mean gaps long, never 0."""
        ratio = float(np.interp(np.log(max(window_gaps, 1e-9)), self.log_windows, self.ratios))
        return max(ratio, 1e-3)


def _ratio(times: FloatArray, window: float) -> float:
    """Return the ratio over windows laid end to end, twice: from the start and from half a window on."""
    ratios = []
    for offset in (0.0, window / 2.0):
        edges = np.arange(offset, times[-1] + window * 1e-9, window)
        counts = np.diff(np.searchsorted(times, edges))
        ratios.append(counts.var(ddof=1) / counts.mean() if counts.size > 1 and counts.mean() > 0 else 1.0)
    return float(np.mean(ratios))
