"""The samples of results, read, and made up ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.catalog.results import read_results

if TYPE_CHECKING:
    from advisor.catalog.results import ToldRun

SAMPLES = Path(__file__).parents[3] / "golden" / "results"


def sample(name: str) -> dict[str, Any]:
    """Return the JSON of a sample, to be changed."""
    document: dict[str, Any] = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
    return document


def read_sample(name: str) -> tuple[ToldRun, ...]:
    return read_results(SAMPLES / name)


def written(folder: Path, name: str, document: object) -> Path:
    """Write a file, JSON unless it is a text, and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path
