"""Where two questions differ, field by field, and which fields belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from advisor.domain.daily import DailyProfile
from advisor.domain.question import Question
from advisor.domain.slo import Objective
from advisor.domain.value import Value
from advisor.domain.workload import LengthLaw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NOTHING = "none"

GROUPS: Mapping[str, tuple[str, ...]] = {
    "workload": ("workload",),
    "load": ("qps", "burstiness", "daily", "routing"),
    "objectives": ("slo", "attainment"),
    "risk": ("headroom", "spares", "availability", "startup_s"),
    "candidates": ("models", "gpus", "precisions", "max_gpus", "min_quality", "quality"),
    "price terms": (
        "price_bases",
        "own_usd_per_gpu_hour",
        "include_marketplace",
        "include_secondary",
        "max_price_age_days",
        "today",
    ),
    "simulation": ("simulate", "draws", "seed"),
}
"""Fields of a question that are substituted together, in this order; whatever is in no group comes last."""

OTHER = "other"


def groups_that_differ(before: Question, after: Question) -> dict[str, tuple[str, ...]]:
    """Return the fields that differ, by group, in the order of `GROUPS`."""
    named = {field for fields in GROUPS.values() for field in fields}
    whole = {**GROUPS, OTHER: tuple(field for field in Question.model_fields if field not in named)}
    differing = {
        group: tuple(field for field in fields if getattr(before, field) != getattr(after, field))
        for group, fields in whole.items()
    }
    return {group: fields for group, fields in differing.items() if fields}


def differing_fields(before: Question, after: Question) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the name of each field that differs with what it was and is, in words; a field of a field is dotted."""
    for fields in groups_that_differ(before, after).values():
        for field in fields:
            yield from _within(field, getattr(before, field), getattr(after, field))


def _within(name: str, before: Any, after: Any) -> Iterator[tuple[str, str | None, str | None]]:
    if type(before) is type(after) and isinstance(before, Value) and not isinstance(before, LengthLaw | DailyProfile):
        for field in type(before).model_fields:
            yield from _within(f"{name}.{field}", getattr(before, field), getattr(after, field))
    elif before != after:
        yield name, in_words(before), in_words(after)


def in_words(value: Any) -> str:
    """Return a value of a question as a reader writes it."""
    if value is None or value == "":
        return NOTHING
    return next((told(value) for kind, told in _TOLD if isinstance(value, kind)), str(value))


def _length_in_words(law: LengthLaw) -> str:
    most = f", {law.max_tokens} at most" if law.max_tokens is not None else ""
    return f"{law.mean_tokens:.6g} tokens (cv {law.cv:g}{most})"


def _daily_in_words(daily: DailyProfile) -> str:
    return f"{daily.name} ({len(daily.relative_rate)} hours, peak {daily.peak_share:.3g} x the mean)"


def _fields_in_words(value: Value) -> str:
    told = ((name, getattr(value, name)) for name in type(value).model_fields)
    return ", ".join(f"{name} {in_words(inner)}" for name, inner in told if inner is not None and inner != "")


def _pairs_in_words(value: dict[str, Any]) -> str:
    return ", ".join(f"{key}={in_words(inner)}" for key, inner in value.items()) or NOTHING


MOST_LISTED = 12


def _listed(values: tuple[Any, ...]) -> str:
    if len(values) > MOST_LISTED:
        return f"{len(values):,} entries"
    return ", ".join(map(in_words, values)) or NOTHING


_TOLD: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (LengthLaw, _length_in_words),
    (DailyProfile, _daily_in_words),
    (Objective, str),
    (Value, _fields_in_words),
    (dict, _pairs_in_words),
    (tuple, _listed),
    (bool, lambda value: "yes" if value else "no"),
    (float, lambda value: f"{value:.6g}"),
)
"""How each kind of value is told; the first that fits counts, and any other is told as it prints."""
