"""Any document as a page that needs nothing else."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from advisor.report.document import Chart, Column, Facts, Row, Section, Sentence, Series, Span, Spans, Table, Tone
from advisor.report.html import as_html
from advisor.report.markdown import as_markdown
from advisor.report.render import KINDS
from advisor.report.terminal import as_text
from tests.samples import ANSWERS

EVIL = "<script>alert('x')</script> & \"quoted\""
VOID = {"meta", "br", "rect", "path"}
SPANS = Spans(
    f"USD {EVIL}",
    (
        Span(f"plan {EVIL}", 100.0, f"$100.00 {EVIL}", low=80.0, high=150.0, chosen=True),
        Span("dear", 300.0, "$300.00"),
        Span("free", 0.0, "$0.00", low=0.0, high=0.0),
    ),
)
DOCUMENT = (
    Sentence(EVIL, Tone.HEADLINE),
    Section(f"A section {EVIL}"),
    Sentence(f"- item {EVIL}"),
    Sentence("- another"),
    Sentence(f"warning: {EVIL}", Tone.WARNING),
    Sentence(EVIL, Tone.FAINT),
    Facts(((f"label {EVIL}", f"text {EVIL}"),)),
    Table(
        (Column(f"title {EVIL}"), Column("n", right=True)), (Row((EVIL, "1"), chosen=True), Row(("2000-01-02", "2")))
    ),
    Section("Charts"),
    Chart((Series(f"load {EVIL}", (0.0, 1.0, None, 2.0), f"top {EVIL}"),), ((0.0, f"start {EVIL}"), (1.0, "end"))),
    SPANS,
)


class _Reader(HTMLParser):
    """Follows the tags of a page, and keeps what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_a_text_that_looks_like_a_script_is_shown_and_not_run() -> None:
    found = read(as_html(DOCUMENT, title=EVIL, banner=EVIL))
    assert "script" not in found.tags
    assert sum("<script>alert('x')</script>" in text for text in found.text) > 10
    assert {name for _, name, _ in found.attributes if name.startswith("on")} == set()


@pytest.mark.parametrize("name", ANSWERS)
def test_every_kind_of_answer_is_a_whole_page_that_needs_no_network(name: str) -> None:
    answer = ANSWERS[name]
    page = as_html(KINDS[type(answer)].arrange(answer, explain=True), title=name)  # type: ignore[index]
    found = read(page)
    assert page.startswith("<!doctype html>")
    assert found.tags.count("h1") == 1
    assert {tag for tag in found.tags if tag in {"script", "link", "img", "iframe", "object", "embed"}} == set()
    loads = [(tag, key) for tag, key, _ in found.attributes if key in {"src", "srcset", "data", "background"}]
    assert loads == []
    assert "url(" not in page
    assert "@import" not in page


def test_only_addresses_of_the_web_become_links() -> None:
    texts = ("see https://a.example/x?y=1&z=2.", "javascript:alert(1)", "file:///x", "(http://b.example/)")
    found = read(as_html(tuple(Sentence(text) for text in texts), title="links"))
    links = [value for tag, name, value in found.attributes if (tag, name) == ("a", "href")]
    assert links == ["https://a.example/x?y=1&z=2", "http://b.example/"]


def test_a_long_address_in_a_narrow_table_is_shortened_and_leads_to_all_of_it() -> None:
    address = f"https://host.example/{'long/' * 20}end.csv"
    wide = Table(tuple(Column(f"c{i}") for i in range(6)), (Row(("1", "2", "3", "4", "5", address)),))
    page = as_html((wide,), title="t")
    assert f'href="{address}"' in page
    assert ">host.example/…/end.csv</a>" in page


def test_what_follows_a_section_belongs_to_it() -> None:
    page = as_html(DOCUMENT, title="t")
    assert page.count("<section>") == 2
    assert page.index('<h2 id="charts">') < page.index("<figure>") < page.rindex("</section>")
    assert "<ul>\n<li>item" in page


def test_a_chosen_row_has_a_mark_beside_its_color() -> None:
    page = as_html(DOCUMENT, title="t")
    assert page.count('<tr class="chosen">') == 1
    assert "tr.chosen td:first-child::before" in page
    assert 'class="bar chosen"' in page


def test_a_banner_stands_on_screen_and_in_the_margin_of_each_page() -> None:
    page = as_html((), title="t", banner="DRAFT")
    assert '<div class="banner">DRAFT</div>' in page
    assert '@top-center { content: "DRAFT";' in page
    assert "DRAFT" not in as_html((), title="t")


def test_a_banner_cannot_leave_the_style_sheet() -> None:
    page = as_html((), title="t", banner='"} body { display: none } </style>')
    style = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    assert len(style) == 1
    assert 'content: " body  display none  style"' in style[0]


def test_a_page_is_light_or_dark_and_prints() -> None:
    page = as_html((), title="t")
    for rule in ("prefers-color-scheme: dark", "@media print", "size: A4", "break-inside: avoid"):
        assert rule in page


def test_spans_are_read_in_text_too() -> None:
    text = as_text((SPANS,), width=100, color=False)
    lines = [line for line in text.splitlines() if "$" in line]
    assert [line.rsplit("$")[1][:6] for line in lines] == ["100.00", "300.00", "0.00"]
    assert lines[1].count("█") > lines[0].count("█") > lines[2].count("█") == 1
    assert "░" in lines[0]
    assert "```text" in as_markdown((SPANS,))


def test_a_picture_says_what_it_shows_to_who_cannot_see_it() -> None:
    found = read(as_html((SPANS,), title="t"))
    assert [unescape(value or "") for tag, name, value in found.attributes if name == "aria-label"] == [SPANS.title]
