"""A document as one HTML page that needs nothing else: no network, no script, no font. It prints on A4.

Every text is escaped, and only addresses of the web become links. The page looks light or dark as its reader's system does;
what a color says, a shape or a word says too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from advisor.report.document import Chart, Facts, Section, Sentence, Spans, Table, Tone
from advisor.report.html_style import BANNER_STYLE, STYLE
from advisor.report.svg import chart_svg, spans_svg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from advisor.report.document import Block, Document, Row

_ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)]")
_HYPHENED = re.compile(r"(?<![^\s(])([\w.+]+-[\w.+-]{1,14})(?![^\s,.:;)])")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_ITEM = "- "
_WHOLE = 10_000
_NARROW_FROM, _MOST_IN_NARROW = 6, 40
"""Columns from which a table is narrow, and letters of an address that it then shows whole; others show both ends."""

_CROWDED_FROM = 9
"""Columns from which paper wants smaller letters yet."""


@dataclass(frozen=True, slots=True)
class Paged:
    """What a page has beyond that where it becomes sheets of paper at once.

    `style` holds rules after those of the page, `running` the line that stands on each sheet, `metadata` what the file says of
    itself.
    """

    style: str = ""
    running: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


def as_html(document: Document, *, title: str, banner: str = "", paged: Paged | None = None) -> str:
    """Return the document as a whole page.

    Parameters
    ----------
    document
        Blocks in order; what follows a `Section` belongs to it.
    title
        The heading of the page, and its name in the browser.
    banner
        A word that stands on the screen and on each printed page, such as ``DRAFT``; none by default.
    paged
        What only paper needs; none by default.
    """
    paper = paged or Paged()
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{_safe(f'{banner}: {title}' if banner else title)}</title>",
        *(f'<meta name="{_safe(name)}" content="{_safe(told)}">' for name, told in paper.metadata.items()),
        f"<style>\n{STYLE}{_banner_style(banner)}{paper.style}</style>",
        "</head>",
        "<body>",
        *([f'<div class="banner">{_safe(banner)}</div>'] if banner else []),
        *([f'<div class="running">{_safe(paper.running)}</div>'] if paper.running else []),
        "<main>",
        f"<h1>{_safe(title)}</h1>",
        *_sections(document),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _banner_style(banner: str) -> str:
    """Return the rule for a banner in the margin of each page; only letters of it go into the style sheet."""
    letters = "".join(letter for letter in banner if letter.isalnum() or letter == " ")
    return BANNER_STYLE.replace("@banner@", letters) if letters else ""


def _sections(document: Document) -> Iterator[str]:
    """Yield the blocks, each section with what belongs to it in an element of its own."""
    opened = False
    for is_item, group in groupby(document, key=_is_item):
        if is_item:
            yield _list(group)
            continue
        for block in group:
            if isinstance(block, Section):
                yield from ["</section>"] if opened else []
                opened = True
                yield f'<section>\n<h2 id="{_anchor(block.title)}">{_safe(block.title)}</h2>'
            else:
                yield BLOCKS[type(block)](block)
    yield from ["</section>"] if opened else []


def _is_item(block: Block) -> bool:
    return isinstance(block, Sentence) and block.text.startswith(_ITEM)


def _list(items: Iterable[Block]) -> str:
    texts = [item.text.removeprefix(_ITEM) for item in items if isinstance(item, Sentence)]
    return "\n".join(["<ul>", *(f"<li>{linked(text)}</li>" for text in texts), "</ul>"])


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def _safe(text: str) -> str:
    return escape(" ".join(text.split()))


def linked(text: str, *, most: int = _WHOLE) -> str:
    """Return text that a browser shows as it is, its web addresses as links; of one longer than `most` both ends are shown."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        shown = escape(_shortened(found[0], most))
        parts += [escape(text[end : found.start()]), f'<a href="{escape(found[0])}" rel="noreferrer">{shown}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _shortened(address: str, most: int) -> str:
    """Return an address, or its host and its last part where it is too long for its place."""
    host, _, rest = address.partition("://")[2].partition("/")
    tail = rest.rstrip("/").rpartition("/")[2]
    return address if len(address) <= most or not rest else f"{host}/…/{tail}" if tail != rest else f"{host}/{rest}"


_CLASSES: Mapping[Tone, str] = {
    Tone.PLAIN: "",
    Tone.FAINT: ' class="faint"',
    Tone.WARNING: ' class="warning"',
    Tone.HEADLINE: ' class="headline"',
}


def _sentence(sentence: Sentence) -> str:
    return f"<p{_CLASSES[sentence.tone]}>{linked(sentence.text)}</p>"


def _facts(facts: Facts) -> str:
    pairs = (f"<dt>{_safe(label)}</dt><dd>{linked(text)}</dd>" for label, text in facts.pairs)
    return "\n".join(["<dl>", *pairs, "</dl>"])


def _table(table: Table) -> str:
    rights = [column.right for column in table.columns]
    most = _MOST_IN_NARROW if len(table.columns) >= _NARROW_FROM else _WHOLE
    head = _cells("th", [_safe(column.title) for column in table.columns], rights)
    rows = (_row(row, rights, most) for row in table.rows)
    body = [
        f"<table{_crowd(len(table.columns))}>",
        f"<thead><tr>{head}</tr></thead>",
        "<tbody>",
        *rows,
        "</tbody>",
        "</table>",
    ]
    return "\n".join(['<div class="wide">', *body, "</div>"])


def _crowd(columns: int) -> str:
    """Return how a table of so many columns is marked, for paper to make room."""
    if columns < _NARROW_FROM:
        return ""
    return ' class="many most"' if columns >= _CROWDED_FROM else ' class="many"'


def _row(row: Row, rights: Sequence[bool], most: int) -> str:
    marked = ' class="chosen"' if row.chosen else ""
    return f"<tr{marked}>{_cells('td', [_cell(cell, most) for cell in row.cells], rights)}</tr>"


def _cell(text: str, most: int) -> str:
    """Return the text of a cell, in which short words with hyphens (dates, names of GPUs) stay whole."""
    return _HYPHENED.sub(_whole, linked(text, most=most))


def _whole(found: re.Match[str]) -> str:
    return f'<span class="{"day" if _DAY.fullmatch(found[1]) else "whole"}">{found[1]}</span>'


def _cells(tag: str, cells: Sequence[str], rights: Sequence[bool]) -> str:
    return "".join(
        f'<{tag} class="right">{cell}</{tag}>' if right else f"<{tag}>{cell}</{tag}>"
        for cell, right in zip(cells, rights, strict=True)
    )


BLOCKS: Mapping[type[Block], Callable[..., str]] = {
    Sentence: _sentence,
    Facts: _facts,
    Table: _table,
    Chart: chart_svg,
    Spans: spans_svg,
}
"""How each kind of block but a section is written."""
