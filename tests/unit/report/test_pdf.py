"""A document as a PDF, looked into without a library: what it writes uncompressed can be read."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import pytest

from advisor.errors import InputError
from advisor.report import pdf
from advisor.report.document import Column, Row, Section, Sentence, Table
from advisor.report.figures import money
from advisor.report.html import Paged, as_html
from advisor.report.pdf_style import PAPER
from advisor.report.review import banner, body, metadata, running
from tests.samples.recommendations import CHOSEN
from tests.samples.reviews import DRAFT

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.report.document import Document

EVIL = '<img src="http://example.invalid/x.png"> url(file:///etc/hostname)'
SHORT = (
    Section(f"Section {EVIL}"),
    Sentence(f"See https://a.example/page. {EVIL}"),
    Table(tuple(Column(f"c{i}") for i in range(11)), (Row(("2000-01-02", "example-gpu-80gb", *["word"] * 9)),)),
)


@pytest.fixture(autouse=True)
def _needs_pango() -> None:
    try:
        pdf.check()
    except InputError as problem:
        pytest.skip(f"{problem} ({problem.hint})")


@pytest.fixture
def _looks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for what is lacking as if nobody had before."""
    monkeypatch.setattr(pdf, "_lack", cache(pdf._lack.__wrapped__))


def written(document: Document = SHORT, *, word: str = "", plain: bool = True) -> bytes:
    made = {"dcterms.created": "2000-01-02T03:04:05+00:00"}
    return pdf.as_pdf(document, title="A title", running="a line", metadata=made, banner=word, plain=plain)


def pages(content: bytes) -> list[str]:
    """Return the text of each page without its spaces."""
    text = content.decode("latin-1")
    letters = {}
    for font, number in re.findall(r"/BaseFont /(\w+)\+[^/]*/ToUnicode (\d+) 0 R", text):
        table = text.split(f"\n{number} 0 obj\n")[1].split("endobj")[0]
        letters[font] = dict(re.findall(r"^<(\w+)> <(\w+)>$", table, flags=re.MULTILINE))
    found = [_read(stream, letters) for stream in text.split("endstream")]
    return [page for page in found if re.search(r"Page\d+of\d+", page)]


def _read(stream: str, letters: dict[str, dict[str, str]]) -> str:
    told, font = "", ""
    for name, shown in re.findall(r"^/(\w+) [\d.]+ Tf$|^\[(.*)\] TJ$", stream, flags=re.MULTILINE):
        font = name or font
        glyphs = "".join(re.findall(r"<(\w+)>", shown))
        codes = "".join(letters[font][glyph] for glyph in re.findall(r"\w{4}", glyphs))
        told += bytes.fromhex(codes).decode("utf-16-be")
    return "".join(told.split())


def test_a_review_holds_the_decision_the_money_and_the_sign_off_on_numbered_pages() -> None:
    content = pdf.as_pdf(
        body(DRAFT),
        title=DRAFT.title,
        banner=banner(DRAFT),
        running=running(DRAFT),
        metadata=metadata(DRAFT),
        plain=True,
    )
    found = pages(content)
    assert len(found) > 3
    for number, page in enumerate(found, start=1):
        assert f"Page{number}of{len(found)}" in page
        assert "".join(running(DRAFT).split()) in page
        assert "DRAFT" in page
    whole = "".join(found)
    assert "".join(DRAFT.answered.split()) in whole
    assert money(CHOSEN.usd_per_month) in found[0]
    for signer in DRAFT.signers:
        assert signer in found[-1]
    assert f"/Title (DRAFT: {DRAFT.title})" in content.decode("latin-1")


def test_pages_are_upright_a4_tagged_with_links_and_a_table_of_contents() -> None:
    content = written()
    assert b"/MediaBox [0 0 595.275591 841.889764]" in content
    assert b"/URI (https://a.example/page)" in content
    assert b"/MarkInfo <</Marked true>>" in content
    assert b"/Title (Section <img" in content
    assert b"DRAFT" not in content


def test_the_same_document_is_the_same_file() -> None:
    assert written(plain=False) == written(plain=False)


def test_a_word_stands_at_the_top_of_a_page_and_across_it() -> None:
    (page,) = pages(written(word="DRAFT"))
    assert page.count("DRAFT") == 1
    assert b"/a0.12 gs" in written(word="DRAFT")
    assert b"/a0.12 gs" not in written()


def test_nothing_is_fetched_even_for_a_page_that_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    outside = tmp_path / "x.svg"
    outside.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', encoding="utf-8")
    tag = f'<img alt="words in its place" src="{outside.as_uri()}">'
    with_images = as_html(SHORT, title="t", paged=Paged(PAPER)).replace("<main>", f"<main>{tag}")
    monkeypatch.setattr(pdf, "as_html", lambda *_, **__: with_images)
    assert "wordsinitsplace" in "".join(pages(written()))


@pytest.mark.usefixtures("_looks_anew")
def test_what_is_not_installed_is_named_with_the_way_around(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(InputError, match="needs WeasyPrint") as lacking:
        pdf.check()
    assert "pip install 'advisor[pdf]', or write .html" in lacking.value.hint
    monkeypatch.setattr(pdf, "_lack", pdf._lack.__wrapped__)
    (tmp_path / "weasyprint.py").write_text("print('a page of advice')\nraise OSError('libpango')\n", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "weasyprint")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="needs Pango") as lacking:
        pdf.check()
    assert f"apt install {pdf.SYSTEM_PACKAGES}, or write .html" in lacking.value.hint
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("_looks_anew")
def test_without_any_font_it_is_refused_instead_of_ending_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><dir>{tmp_path}</dir></fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    with pytest.raises(InputError, match="no fonts are installed") as lacking:
        written()
    assert "apt install fonts-dejavu-core" in lacking.value.hint


@pytest.mark.usefixtures("_looks_anew")
def test_it_is_looked_for_once_and_standard_output_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def none() -> bool:
        looks.append("look")
        return False

    monkeypatch.setattr(pdf, "_has_fonts", none)
    before = sys.stdout
    for _ in range(3):
        with pytest.raises(InputError, match="no fonts"):
            pdf.check()
    assert looks == ["look"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pdf._lack.__wrapped__(), range(64)))
    assert sys.stdout is before
