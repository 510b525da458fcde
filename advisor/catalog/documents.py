"""YAML files: one value each, with the line of whatever is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import ValidationError

from advisor.catalog.faults import Location, dotted, first_fault
from advisor.catalog.texts import read_text
from advisor.domain.value import Value
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

SpecT = TypeVar("SpecT", bound=Value)

_HINT = "compare it with a file of the same kind among the shipped profiles"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_Loader):  # type: ignore[misc]  # the C loader is chosen at run time
    """A safe loader that takes a repeated key as the mistake it is."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


def read_document(
    path: Path, kind: type[SpecT], *, prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> SpecT:
    """Read a YAML file as one value. `prepare` may put whole values in the place of what names them.

    Raises
    ------
    DataError
        If the file cannot be read, is no YAML, or does not describe such a value.
    """
    fields = load_yaml(path)
    try:
        return kind.model_validate(prepare(fields) if prepare else fields)
    except ValidationError as problem:
        location, sentence = first_fault(problem)
        where = f"{path}:{_line_of(read_text(path), location)}"
        field = f"field {dotted(location)}: " if location else ""  # nowhere: the value as a whole is wrong
        raise DataError(where, field + sentence, hint=_HINT) from None


def load_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file as a mapping of fields to values.

    Raises
    ------
    DataError
        If the file cannot be read, is no YAML, repeats a key, or is no mapping.
    """
    data = _load(path, read_text(path))
    if not isinstance(data, dict):
        raise DataError(f"{path}:1", "is not a mapping of fields to values")
    return data


def _load(path: Path, text: str) -> object:
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - it is a safe loader
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise DataError(where, f"cannot be read as YAML: {problem.problem}") from None
    except (yaml.YAMLError, ValueError) as problem:  # ValueError: an impossible date, such as 2026-13-01
        raise DataError(str(path), f"cannot be read as YAML: {' '.join(str(problem).split())}") from None


def _line_of(text: str, location: Location) -> int:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for part in location:
        found = _child(node, part)
        if found is None:
            break
        node, line = found
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        entry = next(((key, value) for key, value in node.value if key.value == str(part)), None)
        return (entry[1], entry[0].start_mark.line + 1) if entry else None
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part], node.value[part].start_mark.line + 1
    return None
