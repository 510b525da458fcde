"""One run: a load on a server, from the first warm-up request to the last one that drains."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from advisor.domain.load import ClosedLoad, OpenLoad, RampLoad, TraceLoad
from advisor.domain.run_figures import StopReason
from advisor.domain.timing import Phase
from advisor.loadgen.address import read_address
from advisor.loadgen.client import Client
from advisor.loadgen.course import Course
from advisor.loadgen.driving import ClosedDrive, OpenDrive
from advisor.loadgen.figures import Ran, figures, offered
from advisor.loadgen.pacing import due_times_s
from advisor.loadgen.quiet import no_collection
from advisor.loadgen.scraping import Readings
from advisor.loadgen.stock import Stock
from advisor.loadgen.watching import Scraper, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.campaign import RunRules
    from advisor.domain.load import Load
    from advisor.domain.run_figures import RunFigures
    from advisor.domain.timing import RequestTiming, Sample
    from advisor.loadgen.asks import Asks
    from advisor.loadgen.course import Progress
    from advisor.loadgen.driving import Drive
    from advisor.loadgen.target import Target

TRACE_WARMUP_SHARE = 0.1
"""At most so much of a trace warms the server up: the rest must be left to measure."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A run that took place. Times count from `origin_s` of the monotonic clock (`perf_counter`), which was `started_at`."""

    figures: RunFigures
    timings: tuple[RequestTiming, ...]
    samples: tuple[Sample, ...]
    started_at: datetime
    origin_s: float


async def measure(
    target: Target,
    load: Load,
    asks: Asks,
    rules: RunRules,
    *,
    canvas_tokens: int | None = None,
    watch: Callable[[Progress], None] | None = None,
    halt: Callable[[], bool] | None = None,
    alive: Callable[[], bool] | None = None,
) -> Measured:
    """Put a load on a server and time every request.

    Parameters
    ----------
    target, load, asks, rules
        The server, how requests come, what they ask, and when the run ends.
    canvas_tokens
        Length of a canvas of block diffusion; None takes that which the engine's counters show.
    watch
        Is told a few times a second how far the run has come.
    halt
        Is asked as often whether to stop: then nothing more is sent, and what is in flight may end.
    alive
        Is asked as often whether the server is still there; if not, the run ends at once. It also ends when very many requests
        fail in a row. The figures then hold what there was, and `stopped_by` is HALTED.

    Raises
    ------
    InputError
        If the address or the key is none, or a trace is to be replayed that the workload has not.
    """
    address = read_address(target.url)
    client = Client(address, api_key=target.api_key)
    warmed = _warmup(rules, load, asks)
    course = Course(warmed, streams=_streams(load), fills_up_to_s=_fills_up_to_s(rules, load, asks))
    ahead = min((rules.requests or rules.max_requests) + 2 * _streams(load), 2_000)
    try:
        stock = Stock(client, target, asks.of(load), path=address.api, ahead=ahead, streams=_streams(load))
        drive = _drive(load, asks, client, stock, course, stagger=rules.warmup_requests_per_stream > 0)
        origin_s, started_at = perf_counter(), datetime.now(UTC)
        scraper = Scraper(client, f"{address.root}/metrics", origin_s=origin_s)
        watcher = Watcher(drive, rules, offered=offered(load), watch=watch, halt=halt, alive=alive)
        with no_collection():
            await _run(drive, scraper, watcher)
    finally:
        await client.close()
    ran = Ran(
        load=load,
        decode=target.decode,
        ended=drive.ended,
        full_from_s=course.measured_from_s or course.stopped_s,
        full_to_s=_full_to_s(drive),
        fixed_count=rules.requests is not None,
        stopped_by=course.stopped_by,
        readings=Readings([replace(sample, at_s=sample.at_s + origin_s) for sample in scraper.samples]),
        canvas_tokens=canvas_tokens,
        held_back=drive.held_back,
        loop_lags_s=watcher.lags_s,
    )
    timings = sorted((exchange.timing(origin_s) for exchange in drive.ended), key=lambda timing: timing.index)
    return Measured(figures(ran), tuple(timings), tuple(scraper.samples), started_at, origin_s)


async def _run(drive: Drive, scraper: Scraper, watcher: Watcher) -> None:
    await scraper.read()
    drive.start()
    scraping = asyncio.create_task(scraper.run(drive))
    try:
        await watcher.run()
    finally:
        scraping.cancel()
        await asyncio.gather(scraping, return_exceptions=True)
    await scraper.read()


def _streams(load: Load) -> int:
    return load.concurrency if isinstance(load, ClosedLoad) else 1


def _warmup(rules: RunRules, load: Load, asks: Asks) -> RunRules:
    """Return the rules with the warm-up that suits a load: none for a ramp, a part of a trace."""
    if isinstance(load, RampLoad):
        return rules.model_copy(update={"warmup_s": 0.0, "warmup_requests_per_stream": 0})
    if isinstance(load, TraceLoad):
        most_s = _warm_part_s(load, asks)
        return rules.model_copy(update={"warmup_s": min(rules.warmup_s, most_s), "warmup_requests_per_stream": 0})
    return rules


def _warm_part_s(load: TraceLoad, asks: Asks) -> float:
    """Return how much of a trace may warm a server up."""
    times_s = list(due_times_s(load, seed=asks.seed, trace_s=asks.workload.arrival_s))
    return TRACE_WARMUP_SHARE * times_s[-1]


def _fills_up_to_s(rules: RunRules, load: Load, asks: Asks) -> float:
    """Return how long an open load may warm a server up at most: as long as it may be measured, or the part of a trace.

    Who asks for no warm-up gets none. A closed loop needs none of this: its streams begin staggered.
    """
    if not rules.warmup_s or not isinstance(load, OpenLoad | TraceLoad):
        return 0.0
    return rules.max_s if isinstance(load, OpenLoad) else _warm_part_s(load, asks)


def _drive(load: Load, asks: Asks, client: Client, stock: Stock, course: Course, *, stagger: bool) -> Drive:
    if isinstance(load, ClosedLoad):
        return ClosedDrive(client, stock, course, streams=load.concurrency, stagger=stagger)
    return OpenDrive(
        client,
        stock,
        course,
        due_s=due_times_s(load, seed=asks.seed, trace_s=asks.workload.arrival_s),
        cap=load.max_in_flight if isinstance(load, OpenLoad | TraceLoad) else None,
        at_end=StopReason.TIME if isinstance(load, RampLoad) else StopReason.TRACE_ENDED,
    )


def _full_to_s(drive: Drive) -> float:
    """Return until when the load was on in full."""
    if drive.course.stopped_by is StopReason.HALTED:
        return drive.course.stopped_s
    if isinstance(drive, OpenDrive):
        return drive.window_end_s
    ends_s = [exchange.over_s or 0.0 for exchange in drive.ended if exchange.phase is Phase.MEASURED]
    return max(ends_s, default=drive.course.stopped_s)
