"""Plans under load, kept as other answers are: what `advisor simulate --plan` says, and the fleet that follows the hours."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from advisor.cli.asked import CalledFile
from advisor.cli.asked_simulation import simulation_in
from advisor.report.format import Format
from advisor.report.render import render
from advisor.usecases.simulating.simulate import simulate
from dashboard.answers import kept
from dashboard.settings import settings

if TYPE_CHECKING:
    from advisor.domain.answer import Recommendation
    from advisor.domain.simulation import Simulation
    from dashboard.answers import Failure
    from dashboard.state import Asked
    from dashboard.uploads import Upload as Trace

PLANNED, RANDOM, BURSTS, DAY, TRACE = "as planned", "at random", "in bursts", "along a day or week", "as in a trace"
SOURCES = (PLANNED, RANDOM, BURSTS, DAY, TRACE)
"""Where arrivals come from."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a plan is put under; None where it is as planned, or as suits the load."""

    source: str = PLANNED
    replicas: int | None = None
    qps: float | None = None
    burstiness: float = 4.0
    daily: str = ""
    trace: Trace | None = None
    requests: int | None = None

    def options(self, asked: Asked, *, plan: str, paths: bool) -> tuple[str, ...]:
        """Return the options of `advisor simulate`; with the paths of uploads, or with their names to copy."""
        words = dict(asked.words)
        told = (
            ("--plan", plan),
            ("--replicas", _spelled(self.replicas)),
            ("--qps", _spelled(self.qps)),
            *self._arrivals(asked, words, paths=paths),
            ("--requests", _spelled(self.requests)),
            ("--seed", words.get("seed", "")),
        )
        return tuple(word for option, value in told if value for word in (option, value))

    def _arrivals(self, asked: Asked, words: dict[str, str], *, paths: bool) -> tuple[tuple[str, str], ...]:
        """Return the options that say when requests arrive. A plan made from a trace does not carry its times."""
        planned = _path(asked.trace, paths=paths) if "burstiness" not in words else ""
        flat = ("--daily-profile", "none" if "daily-profile" in words else "")
        match self.source:
            case "at random":
                return flat, ("--burstiness", "1")
            case "in bursts":
                return flat, ("--burstiness", _spelled(self.burstiness))
            case "along a day or week":
                return ("--trace", planned), ("--daily-profile", self.daily)
            case "as in a trace":
                return (("--trace", _path(self.trace, paths=paths)),)
            case _:
                return ("--trace", planned), ("--daily-profile", words.get("daily-profile", "") if planned else "")


def _spelled(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _path(trace: Trace | None, *, paths: bool) -> str:
    if trace is None:
        return ""
    return CalledFile(trace.path, called=trace.name) if paths else trace.name


def simulation(asked: Asked, load: Load, answer: Recommendation) -> Simulation | Failure:
    """Return how the plan of an answer fares under a load, or the expected failure."""
    options = (*load.options(asked, plan=_plan_file(answer), paths=True), *settings().arguments)
    return _simulation(options)


def command(asked: Asked, load: Load) -> str:
    """Return the same on the command line, to copy."""
    words = ("advisor", "simulate", *load.options(asked, plan="plan.json", paths=False), *settings().shown)
    return f"{asked.command} --format json --output plan.json\n{' '.join(quote(word) for word in words)}"


def following(asked: Asked, daily: str) -> Asked:
    """Return the same question along the hours of a daily profile."""
    return replace(asked, simulate=False).but(daily_profile=daily)


@kept()
def _simulation(options: tuple[str, ...]) -> Simulation:
    return simulate(simulation_in(options), announce=lambda _: None, **settings().sources)


def _plan_file(answer: Recommendation) -> str:
    content = render(answer, Format.JSON)
    path = _plans() / f"{sha256(content.encode()).hexdigest()[:24]}.json"
    if not path.exists():
        path.write_text(content, encoding="utf-8")
    return str(path)


@cache
def _plans() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="advisor-dashboard-plans-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
