"""Files and folders of results, parsed once however many formats look at them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from advisor.catalog.results.fields import Fields
from advisor.catalog.texts import read_text
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = frozenset({".json", ".jsonl", ".csv"})


@dataclass(frozen=True)
class Source:
    """A file or a folder that a user named, and the folder that its name is told from."""

    path: Path
    root: Path

    @property
    def name(self) -> str:
        """The name that the user knows it by: relative to what was named."""
        return self.path.relative_to(self.root).as_posix()

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.is_dir()

    @cached_property
    def text(self) -> str:
        """The text of the file."""
        return read_text(self.path)

    @cached_property
    def is_json(self) -> bool:
        """Whether the file holds JSON objects, going by how it begins."""
        return not self.is_folder and self.text.lstrip()[:1] in {"{", "["}

    @cached_property
    def objects(self) -> tuple[Fields, ...]:
        """The JSON objects of the file: the one that it is, those of its list, or one per line.

        Raises
        ------
        DataError
            If it is no JSON.
        """
        return tuple(self._named(where, found) for where, found in self._parsed())

    def _parsed(self) -> Iterator[tuple[str, Any]]:
        try:
            whole = json.loads(self.text)
        except json.JSONDecodeError as problem:
            yield from self._lines(problem)
            return
        if not isinstance(whole, list):
            yield str(self.path), whole
            return
        yield from ((f"{self.path} [{place}]", entry) for place, entry in enumerate(whole))

    def _lines(self, whole: json.JSONDecodeError) -> Iterator[tuple[str, Any]]:
        lines = [(number, line) for number, line in enumerate(self.text.splitlines(), start=1) if line.strip()]
        if len(lines) < 2 or not lines[1][1].lstrip().startswith("{"):
            raise DataError(f"{self.path}:{whole.lineno}:{whole.colno}", f"cannot be read as JSON: {whole.msg.lower()}")
        for number, line in lines:
            try:
                yield f"{self.path}:{number}", json.loads(line)
            except json.JSONDecodeError as problem:
                where = f"{self.path}:{number}:{problem.colno}"
                raise DataError(where, f"cannot be read as JSON: {problem.msg.lower()}") from None

    def _named(self, where: str, found: Any) -> Fields:
        if not isinstance(found, dict):
            raise DataError(where, "should be a JSON object")
        return Fields(where, found)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names in the first line of the file, if it is read as CSV."""
        if self.is_folder or self.is_json:
            return ()
        try:
            return tuple(name.strip() for name in next(csv.reader(io.StringIO(self.text, newline="")), ()))
        except csv.Error:
            return ()

    def holds(self, *names: str) -> bool:
        """Say whether the first JSON object of the file has these fields."""
        return self.is_json and bool(self.objects) and all(self.objects[0].get(name) is not None for name in names)

    def beside(self, name: str) -> Source | None:
        """Return a file in the same folder, if it is there."""
        path = self.path.with_name(name)
        return Source(path, self.root) if path.is_file() else None

    def files(self) -> tuple[Source, ...]:
        """Return the files below a folder that may be results, by name; what is hidden is left out."""
        found = (path for path in sorted(self.path.rglob("*")) if path.suffix in SUFFIXES and path.is_file())
        return tuple(Source(path, self.root) for path in found if not _is_hidden(path.relative_to(self.path)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def source_of(path: Path) -> Source:
    """Return what a user named.

    Raises
    ------
    DataError
        If there is no such file or folder.
    """
    if not path.exists():
        raise DataError(str(path), "no such file or folder")
    return Source(path, path if path.is_dir() and path.name == "" else path.parent)
