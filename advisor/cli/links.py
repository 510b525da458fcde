"""A question as the address of the dashboard: the options that were given, under the names that they have."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.cli.commanding import Options

STAYS_HERE = frozenset({"trace", "profiles", "db", "quality_floor_from"})
"""Options that name files or databases of this machine: no link carries them."""

SIMULATE = "simulate"


def link_of(groups: Iterable[Options], *, simulate: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the fields of the address, and the options that were given and that it cannot carry."""
    given = dict(_given(groups))
    carried = {name: text for name, text in given.items() if name.replace("-", "_") not in STAYS_HERE}
    left_out = tuple(f"--{name}" for name in given if name not in carried)
    return {**carried, **({SIMULATE: "yes"} if simulate else {})}, left_out


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
