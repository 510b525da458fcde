"""From what a user types to a workload, a daily profile and objectives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from advisor import catalog
from advisor.domain.model import Content
from advisor.domain.slo import Metric, Objective, parse_duration_s, parse_slo, parse_statistic
from advisor.domain.workload import LengthLaw, Workload
from advisor.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.daily import DailyProfile
    from advisor.domain.planned import Planned

DEFAULT_WORKLOAD = "chat"
DEFAULT_OBJECTIVES = (Objective(metric=Metric.E2E, percentile=0.95, limit_s=12.0),)
"""What is asked of a workload that brings no objective and gets none: that of the default workload."""

UNTOLD_BY_A_TRACE = ("steps_per_canvas", "cached_prompt_share")

FILE_SUFFIXES = (".yaml", ".yml")
DAILY_SUFFIXES = (*FILE_SUFFIXES, ".csv")


def build_workload(
    *,
    workload: str | None,
    trace: Path | None,
    isl: float | None,
    osl: float | None,
    isl_cv: float | None,
    osl_cv: float | None,
    content: str | None,
    steps: float | None,
    cache_hit: float | None,
    profiles: Path | None,
    planned: Workload | None = None,
) -> Workload:
    """Return the workload that the options describe.

    A trace, or a preset or file, or own lengths; own lengths replace those of a preset. Content, steps and cache hits
    override whatever came before. The workload that something was `planned` for stands in for the default preset, and
    tells of a trace what no trace tells.

    Raises
    ------
    InputError
        If options contradict each other or a value is out of range.
    DataError
        If a file is malformed.
    """
    if trace is not None and (workload or isl or osl):
        raise InputError("--trace brings its own lengths", hint="leave out --workload, --isl and --osl")
    base = _base(workload, trace, content=_content(content), profiles=profiles, planned=planned)
    changes = {
        **_lengths(base, isl=isl, osl=osl, isl_cv=isl_cv, osl_cv=osl_cv),
        **({"content": _content(content)} if content else {}),
        **({"steps_per_canvas": steps} if steps is not None else {}),
        **({"cached_prompt_share": cache_hit} if cache_hit is not None else {}),
    }
    return _changed(base, changes)


def _base(
    workload: str | None,
    trace: Path | None,
    *,
    content: Content | None,
    profiles: Path | None,
    planned: Workload | None,
) -> Workload:
    from pathlib import Path  # noqa: PLC0415 - a name without suffix never becomes a path

    if trace is not None:
        read = catalog.read_trace(trace, content=content or (planned.content if planned else Content.CHAT))
        told = {name: getattr(planned, name) for name in UNTOLD_BY_A_TRACE} if planned else {}
        return read.model_copy(update=told)
    if workload is None and planned is not None:
        return planned
    name = DEFAULT_WORKLOAD if workload is None else workload
    if not name:
        raise InputError("--workload names nothing", hint="see `advisor workloads`")
    if name.endswith(FILE_SUFFIXES):
        return catalog.read_workload_file(Path(name))
    root = profiles or catalog.profiles_root()
    return catalog.read_workload(root, catalog.resolve("workload", name, catalog.spec_names(root, "workloads")))


def _content(text: str | None) -> Content | None:
    if text is None:
        return None
    try:
        return Content(text.lower())
    except ValueError:
        raise InputError(f"unknown content {text!r}", hint=f"use one of {', '.join(Content)}") from None


def _lengths(
    base: Workload, *, isl: float | None, osl: float | None, isl_cv: float | None, osl_cv: float | None
) -> dict[str, object]:
    changes: dict[str, object] = {}
    for field, option, mean, cv in (("input", "isl", isl, isl_cv), ("output", "osl", osl, osl_cv)):
        if mean is None and cv is None:
            continue
        if base.pairs:
            raise InputError(f"--{option} and a trace contradict each other")
        law = getattr(base, field)
        changes[field] = _law(option, mean if mean is not None else law.mean_tokens, cv)
    if changes:
        means = [getattr(changes.get(field, getattr(base, field)), "mean_tokens", 0.0) for field in ("input", "output")]
        changes |= {"name": "{:.0f}-in-{:.0f}-out".format(*means), "title": "own lengths"}
    return changes


def _law(option: str, mean: float, cv: float | None) -> LengthLaw:
    try:
        return LengthLaw(mean_tokens=mean, cv=cv or 0.0)
    except ValidationError:
        wrong = f"--{option}-cv {cv:g}" if cv is not None and not cv >= 0 else f"--{option} {mean:g}"
        raise InputError(f"{wrong} is no length", hint="lengths are positive, cv is 0 or more") from None


def _changed(base: Workload, changes: dict[str, object]) -> Workload:
    if not changes:
        return base
    try:
        return Workload(**{**{name: getattr(base, name) for name in Workload.model_fields}, **changes})
    except ValidationError as problem:
        first = problem.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{_OPTION.get(field, field)}: {first['msg'].lower()}, not {first['input']!r}") from None


_OPTION = {"steps_per_canvas": "--steps", "cached_prompt_share": "--cache-hit"}


def read_plan(path: Path) -> Planned:
    """Return what a recommendation decided, from its JSON.

    Raises
    ------
    DataError
        If the file is malformed, of another version, or decides nothing.
    """
    from advisor.catalog import plan_files  # noqa: PLC0415 - most questions come without a plan

    return plan_files.read_plan(path)


def build_daily(text: str, *, profiles: Path | None) -> DailyProfile:
    """Return the daily profile of a name, or of a file where `text` ends like one.

    Raises
    ------
    InputError
        If no shipped profile has such a name, or several have.
    DataError
        If a file is malformed.
    """
    from pathlib import Path  # noqa: PLC0415 - a name without suffix never becomes a path

    if text.lower().endswith(DAILY_SUFFIXES):
        return catalog.read_daily_profile_file(Path(text))
    return catalog.read_daily_profile(profiles or catalog.profiles_root(), text)


def build_slo(
    *,
    workload: Workload,
    ttft: str | None,
    tpot: str | None,
    ntpot: str | None,
    e2e: str | None,
    percentile: str,
    slo: str | None,
) -> tuple[Objective, ...]:
    """Return the objectives of the options, else the workload's own, else the default one.

    Raises
    ------
    InputError
        If a limit cannot be read.
    """
    statistic = parse_statistic(percentile)
    short = ((Metric.TTFT, ttft), (Metric.TPOT, tpot), (Metric.NTPOT, ntpot), (Metric.E2E, e2e))
    asked = tuple(
        Objective(metric=metric, percentile=statistic, limit_s=_limit_s(metric, text))
        for metric, text in short
        if text is not None
    )
    return (*asked, *(_clauses(slo) if slo is not None else ())) or workload.objectives or DEFAULT_OBJECTIVES


def _limit_s(metric: Metric, text: str) -> float:
    try:
        return parse_duration_s(text)
    except InputError as problem:
        raise InputError(f"--{metric}: {problem}", hint=problem.hint) from None


def _clauses(text: str) -> tuple[Objective, ...]:
    try:
        return parse_slo(text)
    except InputError as problem:
        raise InputError(f"--slo: {problem}", hint=problem.hint) from None
