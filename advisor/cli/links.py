"""A question as the address of the dashboard: the options that were given, under the names that they have."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.cli.commanding import Options

FIELDS = frozenset(
    {
        "qps", "workload", "isl", "osl", "isl-cv", "osl-cv", "content", "steps", "cache-hit", "e2e", "ttft", "ntpot", "percentile",
        "attainment", "gpus", "models", "precision", "max-gpus", "min-quality", "min-pass-rate", "success-benchmark", "mistake-usd",
        "cascade", "check-usd", "checker-accuracy", "price-basis", "gpu-cost",
        "include-marketplace", "include-secondary", "burstiness", "routing", "daily-profile", "spares", "availability", "headroom",
        "draws", "seed", "top-n",
    }
)  # fmt: skip
"""Options that have an input in the dashboard, and so can stand in its address. No option that names a file is one."""

FILES = frozenset({"trace", "quality-floor-from"})
"""Options whose file can be uploaded there: the address tells its name, so that the page asks for it."""

FILE_SUFFIXES = (".yaml", ".yml", ".csv")
"""Ends of what is a file of this machine and no shipped name, where an option takes both."""

LEFT_OUT = "left-out"
"""Field of the address that names the options that it cannot carry, so that no page answers as if they were not given."""

NO_QUESTION = frozenset({"no-simulate", "open-it", "fmt", "output", "explain", "sensitivity", "min-basis"})
"""Options that say how an answer is made or shown; the dashboard has ways of its own."""

SIMULATE = "simulate"


def link_of(groups: Iterable[Options], *, simulate: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the fields of the address, and the options that were given and that it cannot carry, or not the file of."""
    given = {name: text for name, text in _given(groups) if name not in NO_QUESTION}
    carried = {name: text for name, text in given.items() if name in FIELDS and not text.endswith(FILE_SUFFIXES)}
    files = {name: text for name, text in given.items() if name in FILES}
    lost = [name for name in given if name not in carried | files]
    link = {
        **carried,
        **files,
        **({LEFT_OUT: ",".join(lost)} if lost else {}),
        **({SIMULATE: "yes"} if simulate else {}),
    }
    return link, tuple(f"--{name}" for name in given if name not in carried)


def _given(groups: Iterable[Options]) -> Iterator[tuple[str, str]]:
    for group in groups:
        for name in get_type_hints(type(group)):
            value = getattr(group, name, None)
            if value != getattr(type(group), name, None) and value not in (None, (), []):
                yield name.replace("_", "-"), _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ",".join(map(_text, value))
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value.name if isinstance(value, Path) else value)
