"""Event simulation of replicas behind a router: the judge of the formulas, and the answer where they are weak.

Knows slots, state-dependent speeds, prompts that hold up everybody, canvases, routing rules and seeds. Refuses to know
models, GPUs and limits. Two levels share one event loop:

- :class:`Sharing`: a :class:`advisor.queueing.Station`; every request in service progresses at the same speed;
- :class:`Batching`: an engine that works in iterations, one step for all requests it holds, prompts read in between.

Plain Python on the heaps of its standard library, measured against the alternatives: see the decisions in the README.
"""

from advisor.queueing.simulate.arrivals import arrival_times_s, hourly_times_s, stretched_s
from advisor.queueing.simulate.batching import Batching
from advisor.queueing.simulate.fleet import Demand, Outcome, simulate
from advisor.queueing.simulate.intervals import Z_99, Share, batch_means, interval
from advisor.queueing.simulate.sharing import Sharing

__all__ = [
    "Z_99",
    "Batching",
    "Demand",
    "Outcome",
    "Share",
    "Sharing",
    "arrival_times_s",
    "batch_means",
    "hourly_times_s",
    "interval",
    "simulate",
    "stretched_s",
]
