"""When the requests of an open load are due: seconds after its start, without end or as many as the pattern has.

To add a pattern, write one function and enter it in `PATTERNS`. A closed load has no such times: there a request is due
when the one before it has ended.
"""

from __future__ import annotations

from itertools import chain, count, repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.domain.load import OpenLoad, RampLoad, TraceLoad
from advisor.errors import InputError
from advisor.loadgen.streams import Stream, stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

BLOCK = 1024


def due_times_s(load: OpenLoad | TraceLoad | RampLoad, *, seed: int, trace_s: Sequence[float] = ()) -> Iterator[float]:
    """Return when the requests of a load are due, in seconds after its start, ascending.

    The times of a seed are always the same, whatever becomes of the requests.

    Raises
    ------
    InputError
        If a trace is to be replayed and the workload has none.
    """
    return iter(PATTERNS[type(load)](load, seed, trace_s))


def gaps(seed: int, burstiness: float) -> Iterator[float]:
    """Yield gaps of mean 1 without end: gamma gaps of this squared variation; 0 is constant, 1 Poisson."""
    if burstiness == 0:
        return repeat(1.0)
    shape = 1.0 / burstiness
    blocks = (stream(seed, Stream.ARRIVALS, place).gamma(shape, burstiness, BLOCK).tolist() for place in count())
    return chain.from_iterable(blocks)


def _open(load: OpenLoad, seed: int, _trace_s: Sequence[float]) -> Iterator[float]:
    due_s = 0.0
    for gap in gaps(seed, load.burstiness):
        due_s += gap / load.rate_rps
        yield due_s


def _trace(load: TraceLoad, _seed: int, trace_s: Sequence[float]) -> Iterable[float]:
    if len(trace_s) < 2 or not trace_s[-1] > trace_s[0]:
        raise InputError(
            f"{load.label} cannot be replayed: the workload has no times of arrival",
            hint="take a workload that is a trace, or an open load",
        )
    times_s = np.asarray(trace_s, dtype=np.float64) - trace_s[0]
    own_rps = (times_s.size - 1) / float(times_s[-1])
    times_s *= own_rps / load.rate_rps if load.rate_rps else 1.0
    due_s: list[float] = times_s.tolist()
    return due_s


def _ramp(load: RampLoad, seed: int, _trace_s: Sequence[float]) -> Iterator[float]:
    """Yield times at which the expected count, ``from t + (to - from) t^2 / (2 D)``, has grown by one gap more."""
    slope = (load.to_rps - load.from_rps) / load.duration_s
    expected = 0.0
    for gap in gaps(seed, load.burstiness):
        expected += gap
        root = load.from_rps**2 + 2.0 * slope * expected
        if root < 0:  # a falling ramp never reaches this count
            return
        due_s = 2.0 * expected / (load.from_rps + root**0.5)
        if due_s > load.duration_s:
            return
        yield due_s


PATTERNS: dict[type, Callable[[Any, int, Sequence[float]], Iterable[float]]] = {
    OpenLoad: _open,
    TraceLoad: _trace,
    RampLoad: _ramp,
}
