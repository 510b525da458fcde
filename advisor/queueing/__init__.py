"""Queueing: from a closed-loop throughput curve to open-loop latencies, and back to capacities.

Knows stations, loads, waits, percentiles. Refuses to know models, GPUs, money and files. The two directions:

- ``solve`` a :class:`Station` at an arrival rate, then ask a :class:`Law` for means, percentiles and probabilities;
- ``capacity`` and ``replicas_needed`` search the largest rate or the smallest fleet that keeps a limit.

Poisson arrivals; beyond :data:`VALID_LOAD` the formulas were not validated and callers should warn.
"""

from advisor.queueing.bins import SizeBins, sample_sizes, size_bins, squared_cv
from advisor.queueing.gammas import Gammas, normal_cdf
from advisor.queueing.inverse import MAX_LOAD, VALID_LOAD, Limit, capacity, replicas_needed
from advisor.queueing.laws import Law, partial_law, sojourn_law
from advisor.queueing.prefill import prefill_law
from advisor.queueing.station import FloatArray, Station, Unstable, pool
from advisor.queueing.stationary import Stationary, solve

__all__ = [
    "MAX_LOAD",
    "VALID_LOAD",
    "FloatArray",
    "Gammas",
    "Law",
    "Limit",
    "SizeBins",
    "Station",
    "Stationary",
    "Unstable",
    "capacity",
    "normal_cdf",
    "partial_law",
    "pool",
    "prefill_law",
    "replicas_needed",
    "sample_sizes",
    "size_bins",
    "sojourn_law",
    "solve",
    "squared_cv",
]
