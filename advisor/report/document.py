"""What a report is made of, before it becomes text for a terminal or Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Tone(Enum):
    """How loud a sentence is."""

    PLAIN = "plain"
    FAINT = "faint"
    WARNING = "warning"
    HEADLINE = "headline"


@dataclass(frozen=True, slots=True)
class Section:
    """The title of what follows."""

    title: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line of prose."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what they stand for, aligned."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Where a terminal is too narrow, the columns with the highest `yields` leave first, and their cells continue in a line
    below the row, put into `phrase`; 0 never leaves. Cells of a column that `wraps` may take several lines.
    """

    title: str
    right: bool = False
    yields: int = 0
    phrase: str = "{}"
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of a table, one for each column. `chosen` marks the row that the decision names."""

    cells: tuple[str, ...]
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Figures at equal steps, from 0 up; None where there is none. `top` says what the highest one is.

    A bar of `full` or more has full height; 0 means that the highest has it.
    """

    label: str
    values: tuple[float | None, ...]
    top: str
    full: float = 0.0


@dataclass(frozen=True, slots=True)
class Chart:
    """Series as bars, one line each. `marks` stand below: how far from the first bar to the last, 0 to 1, and what."""

    series: tuple[Series, ...]
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A figure as a bar from 0, with its `words`. `low` and `high` are the ends of its range, None where it has none."""

    label: str
    value: float
    words: str
    low: float | None = None
    high: float | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Spans:
    """Figures of one kind as bars of one scale, one line each; `title` says what they are."""

    title: str
    spans: tuple[Span, ...]


Block = Section | Sentence | Facts | Table | Chart | Spans
Document = tuple[Block, ...]
