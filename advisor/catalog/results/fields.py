"""Reading the fields of a JSON object, or saying which one is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pydantic import ValidationError

from advisor.catalog.faults import first_fault
from advisor.domain.run_figures import Percentiles
from advisor.domain.value import Value
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from enum import StrEnum

    StrEnumT = TypeVar("StrEnumT", bound=StrEnum)

ValueT = TypeVar("ValueT", bound=Value)

LARGEST = 1e19
"""No figure of a result is larger: what counts the nanoseconds since 1970 reaches it in the year 2286."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a JSON object, or the columns of a row, as `kind` says.

    `where` is the file and the place in it, `prefix` the names that lead to the object. A name with dots leads into inner objects. What is null or no finite number counts as absent.
    """

    where: str
    data: Mapping[str, Any]
    prefix: str = ""
    kind: str = "field"

    def fault(self, name: str, problem: str, *, hint: str = "") -> NoReturn:
        """Raise the error that names a field."""
        raise DataError(self.where, f"{self.kind} {self.prefix}{name}: {problem}", hint=hint)

    def get(self, name: str) -> Any:
        """Return what stands in a field; None if it is absent."""
        found: Any = self.data
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def number(self, name: str) -> float:
        """Return a number of at least 0 that must be there."""
        found = self.maybe_number(name)
        if found is None:
            self.fault(name, "is missing" if self.get(name) is None else f"is {self.get(name)!r}, not a number")
        return found

    def maybe_number(self, name: str) -> float | None:
        """Return a number of at least 0, or None if there is none."""
        found = self.get(name)
        if found is None or (isinstance(found, float) and not math.isfinite(found)):
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < LARGEST:
            self.fault(name, f"should be a number of at least 0, not {found!r}")
        return float(found)

    def count(self, name: str) -> int:
        """Return a whole number that must be there."""
        return self._whole(name, self.number(name))

    def maybe_count(self, name: str) -> int | None:
        """Return a whole number, or None; a number that is written as text will do."""
        found = self.get(name)
        if isinstance(found, str) and found.isdecimal():
            return int(found)
        number = self.maybe_number(name)
        return None if number is None else self._whole(name, number)

    def first_text(self, *names: str) -> str | None:
        """Return the text in the first field of several that has one."""
        return next((text for text in map(self.text, names) if text is not None), None)

    def first_count(self, *names: str) -> int | None:
        """Return the whole number in the first field of several that has one."""
        return next((count for count in map(self.maybe_count, names) if count is not None), None)

    def _whole(self, name: str, number: float) -> int:
        if not number.is_integer():
            self.fault(name, f"should be a whole number, not {number:g}")
        return int(number)

    def text(self, name: str) -> str | None:
        """Return a text, or None if there is none; a number is taken as the text that it is written as."""
        found = self.get(name)
        if isinstance(found, dict | list):
            self.fault(name, "should be a text")
        return None if found is None or found == "" else str(found)

    def choice(self, name: str, kind: type[StrEnumT]) -> StrEnumT | None:
        """Return one of a few words, or None."""
        found = self.text(name)
        if found is None:
            return None
        try:
            return kind(found.lower())
        except ValueError:
            self.fault(name, f"is {found!r}, not one of {', '.join(kind)}")

    def inner(self, name: str) -> Fields:
        """Return an object that must be there."""
        found = self.get(name)
        if not isinstance(found, dict):
            self.fault(name, "is missing" if found is None else "should be an object")
        return Fields(self.where, found, f"{self.prefix}{name}.")

    def entries(self, name: str) -> Iterator[Fields]:
        """Yield the objects of a list that must be there."""
        found = self.get(name)
        if not isinstance(found, list):
            self.fault(name, "is missing" if found is None else "should be a list")
        for place, entry in enumerate(found):
            if not isinstance(entry, dict):
                self.fault(f"{name}.{place}", "should be an object")
            yield Fields(self.where, entry, f"{self.prefix}{name}.{place}.")

    def column(self, name: str, *, size: int | None = None) -> Sequence[Any] | None:
        """Return a list, of a given size if one is given, or None if there is none."""
        found = self.get(name)
        if found is None:
            return None
        if not isinstance(found, list):
            self.fault(name, "should be a list")
        if size is not None and len(found) != size:
            self.fault(name, f"has {len(found)} entries, other lists of the run have {size}")
        return found

    def numbers(self, name: str, *, size: int | None = None) -> list[float] | None:
        """Return a list of numbers, or None if there is none."""
        found = self.column(name, size=size)
        for place, entry in enumerate(found or ()):
            if isinstance(entry, bool) or not isinstance(entry, int | float) or not abs(entry) < LARGEST:
                self.fault(f"{name}.{place}", f"should be a number, not {entry!r}")
        return None if found is None else [float(entry) for entry in found]

    def statistics(self, mean: str, p50: str, p95: str, p99: str, *, unit: float = 1.0) -> Percentiles | None:
        """Return the statistics of a latency, each times a unit; None if there is no mean."""
        told = [self.maybe_number(name) for name in (mean, p50, p95, p99)]
        center, *rest = (None if figure is None else figure * unit for figure in told)
        return None if center is None else Percentiles(mean=center, p50=rest[0], p95=rest[1], p99=rest[2])

    def ratio(self, name: str, to: str) -> float:
        """Return one number over another one, 0 if either is absent or 0."""
        over, under = self.maybe_number(name), self.maybe_number(to)
        return over / under if over and under else 0.0

    def build(self, kind: type[ValueT], **fields: Any) -> ValueT:
        """Return a value made of what was read.

        Raises
        ------
        DataError
            If there can be no such value.
        """
        try:
            return kind(**fields)
        except ValidationError as problem:
            location, sentence = first_fault(problem)
            raise DataError(self.where, f"{'.'.join(map(str, location))}: {sentence}") from None
