"""Queueing: from a closed-loop throughput curve to open-loop latencies, and back to capacities.

Knows stations, loads, waits, percentiles. Refuses to know models, GPUs, money and files. The two directions:

- ``solve`` a :class:`Station` at an arrival rate, then ask a :class:`Law` for means, percentiles and probabilities;
- ``capacity`` and ``replicas_needed`` search the largest rate or the smallest fleet that keeps a limit.

Where the formulas are known to be weak (:mod:`advisor.queueing.weak`) the simulation in :mod:`advisor.queueing.simulate`
decides.
"""

from advisor.queueing.bins import SizeBins, sample_sizes, size_bins, squared_cv
from advisor.queueing.dispersion import CountDispersion
from advisor.queueing.fleets import FleetState, Traffic, fleet_state
from advisor.queueing.gammas import Gammas, normal_cdf
from advisor.queueing.inverse import MAX_LOAD, Limit, capacity, replicas_needed
from advisor.queueing.laws import Law, partial_law, sojourn_law
from advisor.queueing.prefill import admission_delay_s, prefill_law
from advisor.queueing.station import FloatArray, Station, Unstable, pool
from advisor.queueing.stationary import Stationary, solve
from advisor.queueing.weak import VALID_DISPERSION, VALID_LOAD, VALID_PREFILL_SHARE, weaknesses

__all__ = [
    "MAX_LOAD",
    "VALID_DISPERSION",
    "VALID_LOAD",
    "VALID_PREFILL_SHARE",
    "CountDispersion",
    "FleetState",
    "FloatArray",
    "Gammas",
    "Law",
    "Limit",
    "SizeBins",
    "Station",
    "Stationary",
    "Traffic",
    "Unstable",
    "admission_delay_s",
    "capacity",
    "fleet_state",
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
    "weaknesses",
]
