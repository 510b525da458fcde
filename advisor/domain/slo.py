"""Service level objectives: which latency, which statistic, which limit."""

import re
from enum import StrEnum

from pydantic import PositiveFloat

from advisor.domain.value import Value
from advisor.errors import InputError


class Metric(StrEnum):
    """The latencies a user can limit.

    `ttft` arrival to first token; `tpot` mean gap between later tokens of one request; `ntpot` end-to-end time over
    output tokens (fair to block output); `e2e` arrival to last token.
    """

    TTFT = "ttft"
    TPOT = "tpot"
    NTPOT = "ntpot"
    E2E = "e2e"


_UNITS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(us|ms|s|min)?\s*")
_CLAUSE = re.compile(r"\s*(\w+)\s*:\s*(mean|p\d{1,2}(?:\.\d+)?)\s*<=?\s*(\S.*)", re.IGNORECASE)
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)", re.IGNORECASE)


def parse_duration_s(text: str, *, default_unit: str = "ms", zero_too: bool = False) -> float:
    """Turn ``"500ms"``, ``"4s"`` or ``"500"`` into seconds.

    Raises
    ------
    InputError
        If it is no duration, or none at all (0) where that is not allowed by `zero_too`.
    """
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * _UNITS_S[match[2] or default_unit] if match else 0.0
    if match is None or not (seconds > 0 or zero_too):
        raise InputError(f"{text!r} is not a positive duration", hint="write 500ms, 4s or 2min")
    return seconds


def parse_statistic(text: str) -> float | None:
    """Turn ``"p95"`` into 0.95 and ``"mean"`` into None.

    Raises
    ------
    InputError
        If it is neither.
    """
    if text.lower() == "mean":
        return None
    match = _PERCENTILE.fullmatch(text)
    if match is None or not 0 < float(match[1]) < 100:
        raise InputError(f"{text!r} is no statistic", hint="use mean, p50, p95, p99 or p99.9")
    return float(match[1]) / 100


class Objective(Value):
    """One limit on one latency. `percentile` is a fraction, or None for the mean."""

    metric: Metric
    percentile: float | None
    limit_s: PositiveFloat

    @property
    def statistic(self) -> str:
        """``p95``, ``p99.9`` or ``mean``."""
        return "mean" if self.percentile is None else f"p{self.percentile * 100:.8g}"

    @property
    def limit_in_words(self) -> str:
        """``e2e <= 12 s``, whatever the statistic."""
        limit = f"{self.limit_s:g} s" if self.limit_s >= 1 else f"{self.limit_s * 1e3:g} ms"
        return f"{self.metric} <= {limit}"

    def __str__(self) -> str:
        """``e2e p95 <= 12 s``."""
        return self.limit_in_words.replace(" ", f" {self.statistic} ", 1)


Slo = tuple[Objective, ...]


def parse_slo(text: str) -> Slo:
    """Turn ``"ttft:p95<500ms;e2e:p99<4s"`` into objectives.

    Raises
    ------
    InputError
        If a clause cannot be read; the sentence names it.
    """
    objectives = tuple(_parse_clause(clause) for clause in text.split(";") if clause.strip())
    if not objectives:
        raise InputError(f"{text!r} names no objective", hint="write metric:statistic<limit, for example e2e:p95<4s")
    return objectives


def _parse_clause(clause: str) -> Objective:
    match = _CLAUSE.fullmatch(clause)
    if match is None or match[1].lower() not in set(Metric):
        raise InputError(
            f"cannot read the objective {clause.strip()!r}",
            hint="write metric:statistic<limit, for example e2e:p95<4s; metrics: " + ", ".join(Metric),
        )
    return Objective(
        metric=Metric(match[1].lower()), percentile=parse_statistic(match[2]), limit_s=parse_duration_s(match[3])
    )
