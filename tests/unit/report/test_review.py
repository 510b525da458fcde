"""The document of a review, in each of its formats. Figures are those of the recommendation."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest

from advisor.domain.certainty import Sureness
from advisor.domain.offer import Confidence, PriceBasis, Seller
from advisor.domain.review import Review
from advisor.report.figures import money
from advisor.report.format import MIME, Format, ReviewFormat
from advisor.report.render import render
from advisor.report.review_files import WRITERS
from advisor.report.structured import schema_of
from tests.samples.recommendations import CERTAINTY, CHOSEN, OTHER, PLAIN, RECOMMENDATION
from tests.samples.reviews import COVER, DRAFT, FIELD, REVIEW, best, review_of

if TYPE_CHECKING:
    from collections.abc import Callable

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PLANS = (CHOSEN, PLAIN, OTHER)


def written(review: Review, fmt: ReviewFormat) -> str:
    return WRITERS[fmt](review).decode("utf-8")


def rows(review: Review) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(review, ReviewFormat.CSV))))


def sheets(review: Review) -> dict[str, list[list[str]]]:
    """Open a workbook again: names of sheets, and the cells of each row as text."""
    with zipfile.ZipFile(io.BytesIO(WRITERS[ReviewFormat.XLSX](review))) as book:
        assert book.testzip() is None
        parts = {name: ET.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")}  # noqa: S314 - our own file
    shared = ["".join(item.itertext()) for item in parts["xl/sharedStrings.xml"].iter(f"{SPACE}si")]
    names = [sheet.attrib["name"] for sheet in parts["xl/workbook.xml"].iter(f"{SPACE}sheet")]
    return {
        name: [_row(row, shared) for row in parts[f"xl/worksheets/sheet{i}.xml"].iter(f"{SPACE}row")]
        for i, name in enumerate(names, start=1)
    }


def _row(row: ET.Element, shared: list[str]) -> list[str]:
    """Return the cells of a row, empty where the file has none."""
    cells = {_place(cell.attrib["r"]): _cell(cell, shared) for cell in row}
    return [cells.get(place, "") for place in range(max(cells, default=0) + 1)]


def _place(reference: str) -> int:
    """Turn ``B7`` into 1, ``AA1`` into 26."""
    place = 0
    for letter in reference.rstrip("0123456789"):
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _cell(cell: ET.Element, shared: list[str]) -> str:
    assert cell.find(f"{SPACE}f") is None, "a formula"
    value = cell.findtext(f"{SPACE}v", "")
    return shared[int(value)] if cell.attrib.get("t") == "s" else value


@pytest.mark.parametrize("fmt", [ReviewFormat.MD, ReviewFormat.HTML, ReviewFormat.CSV])
def test_the_document_is_the_golden_one(fmt: ReviewFormat, assert_golden: Callable[[str, str], None]) -> None:
    assert_golden(f"review.{fmt}", written(REVIEW, fmt))


def test_every_format_is_written() -> None:
    assert set(WRITERS) == set(MIME) == set(ReviewFormat)


def test_it_is_a_kind_of_answer_like_any_other() -> None:
    assert render(REVIEW, Format.CSV) == written(REVIEW, ReviewFormat.CSV)
    assert render(REVIEW, Format.TABLE).splitlines()[0] == REVIEW.title


def test_json_is_versioned_satisfies_its_schema_and_reads_back() -> None:
    text = written(REVIEW, ReviewFormat.JSON)
    jsonschema.Draft202012Validator(schema_of("review")).validate(json.loads(text))
    assert json.loads(text)["schema_version"] == 1
    assert Review.model_validate_json(text) == REVIEW


@pytest.mark.parametrize("fmt", [ReviewFormat.MD, ReviewFormat.HTML])
def test_every_figure_of_the_plans_is_in_the_document(fmt: ReviewFormat) -> None:
    text = written(REVIEW, fmt).replace("\\", "")
    for plan in PLANS:
        assert money(plan.usd_per_month) in text
    for plan in (CHOSEN, OTHER):
        assert money(plan.usd_per_1k_requests) in text
        assert money(plan.usd_per_million_output_tokens) in text
    assert RECOMMENDATION.decision.reason in text


def test_costs_are_those_of_the_recommendation() -> None:
    found = rows(REVIEW)
    assert [Decimal(row["EffectiveCost"]) for row in found] == [plan.usd_per_month for plan in PLANS]
    assert [Decimal(row["ListCost"]) for row in found] == [plan.usd_per_month for plan in PLANS]
    for row in found:
        assert Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"]) == Decimal(row["ListCost"])


def test_an_estimate_has_no_billed_cost_and_no_charge_period() -> None:
    for row in rows(REVIEW):
        assert row["BilledCost"] == row["ChargePeriodStart"] == row["ChargePeriodEnd"] == ""


def test_columns_are_those_of_focus_or_say_that_they_are_ours() -> None:
    for name in rows(REVIEW)[0]:
        assert re.fullmatch(r"([A-Z][a-z]+)+|x_[a-z0-9_]+", name), name


def test_what_a_sku_is_holds_no_price_and_no_date() -> None:
    for row in rows(REVIEW):
        assert set(json.loads(row["SkuPriceDetails"])) == {"gpu", "gpu_count"}


def test_a_commitment_is_no_list_price() -> None:
    offer = CHOSEN.offer.model_copy(update={"price_basis": PriceBasis.RESERVED_1Y})
    row = _priced(offer)
    assert (row["PricingCategory"], row["ListUnitPrice"], row["ListCost"]) == ("Committed", "", "")
    assert (row["x_committed_unit_price"], row["x_term_months"]) == ("32.00", "12")
    assert Decimal(row["EffectiveCost"]) == CHOSEN.usd_per_month


def test_an_own_price_is_contracted_and_no_list_price() -> None:
    own = {"seller": Seller.OWN, "confidence": Confidence.OWN, "price_basis": PriceBasis.OWNED, "source_url": None}
    row = _priced(CHOSEN.offer.model_copy(update=own))
    assert (row["ListUnitPrice"], row["ContractedUnitPrice"]) == ("", "32.00")
    assert Decimal(row["ContractedCost"]) == CHOSEN.usd_per_month


def _priced(offer: object) -> dict[str, str]:
    plan = CHOSEN.model_copy(update={"offer": offer})
    decision = RECOMMENDATION.decision.model_copy(update={"candidate": plan})
    alone = {"decision": decision, "candidates": (plan,), "best_by_contender": {}, "best_by_model": {}}
    return rows(review_of(RECOMMENDATION.model_copy(update=alone)))[0]


def test_a_workbook_opens_again_with_costs_as_numbers() -> None:
    found = sheets(REVIEW)
    head, *lines = found["Costs"]
    assert [float(line[head.index("EffectiveCost")]) for line in lines] == [float(p.usd_per_month) for p in PLANS]
    assert next(iter(found)) == "1. Decision"
    assert any(name.endswith("Sign-off") for name in found)


def test_a_workbook_is_the_same_whenever_it_is_written() -> None:
    assert WRITERS[ReviewFormat.XLSX](REVIEW) == WRITERS[ReviewFormat.XLSX](REVIEW)


def test_a_draft_says_so_wherever_it_may_be_torn_apart() -> None:
    assert written(DRAFT, ReviewFormat.MD).startswith("## DRAFT: ")
    assert 'content: "DRAFT"' in written(DRAFT, ReviewFormat.HTML)
    assert {row["x_grade"] for row in rows(DRAFT)} == {"draft"}
    assert json.loads(written(DRAFT, ReviewFormat.JSON))["grade"] == "draft"
    assert {cells[0][0] for cells in sheets(DRAFT).values()} == {"DRAFT: not to be signed"}


@pytest.mark.parametrize("fmt", [ReviewFormat.MD, ReviewFormat.HTML, ReviewFormat.CSV])
def test_a_document_that_may_be_signed_says_nothing_of_a_draft(fmt: ReviewFormat) -> None:
    assert "draft" not in written(REVIEW, fmt).lower().replace("drafter", "")


def test_names_that_look_like_tags_and_formulas_stay_text() -> None:
    evil = "=1+1<script>alert(1)</script>"
    named = review_of(RECOMMENDATION, COVER.model_copy(update={"owner": evil, "title": evil}))
    page = written(named, ReviewFormat.HTML)
    assert "<script" not in page
    assert "=1+1&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert r"\<script>" in written(named, ReviewFormat.MD)
    assert any(evil in row for row in sheets(named)["1. Decision"])


def test_what_is_too_close_to_call_is_said_to_be_so_first() -> None:
    close = CERTAINTY.model_copy(update={"sureness": Sureness.TOO_CLOSE})
    review = review_of(RECOMMENDATION.model_copy(update={"certainty": close}))
    assert review.answered.startswith("Too close to call")
    assert "**Too close to call" in written(review, ReviewFormat.MD)


def test_the_basis_of_the_speed_stands_in_the_decision() -> None:
    for fmt in (ReviewFormat.MD, ReviewFormat.HTML):
        decision = written(REVIEW, fmt).split("Load and objectives")[0]
        assert CHOSEN.basis in decision


def test_it_says_until_when_its_prices_are_accepted_and_when_to_quote_again() -> None:
    for age, told in {
        10: "accepted until 2000-03-22; quote again if it is signed after 2000-01-22",
        45: "accepted until 2000-02-16; quote again before signing",
        100: "not all are accepted in a review, see Prices",
    }.items():
        text = written(_aged(age), ReviewFormat.MD)
        assert text.count(told) == 2, age
        assert "passed" not in text.partition("Sign-off")[2]


def _aged(days: int) -> Review:
    """Return the review of plans whose prices are so old."""
    as_of = RECOMMENDATION.question.today - timedelta(days=days)
    plan = CHOSEN.model_copy(update={"offer": CHOSEN.offer.model_copy(update={"as_of": as_of})})
    decision = RECOMMENDATION.decision.model_copy(update={"candidate": plan, "runner_up": None})
    alone = {"decision": decision, "candidates": (plan,), "best_by_contender": {}, "best_by_model": {}}
    return review_of(RECOMMENDATION.model_copy(update=alone))


def test_commitments_show_what_is_owed_and_when_they_pay() -> None:
    held = best(CHOSEN, price_basis=PriceBasis.RESERVED_3Y, cheaper=2)
    bases = {"price_bases": (PriceBasis.ON_DEMAND, PriceBasis.RESERVED_3Y)}
    asked = RECOMMENDATION.model_copy(update={"question": RECOMMENDATION.question.model_copy(update=bases)})
    field = type(FIELD)((*FIELD.found, held), FIELD.rejected, FIELD.gpus)
    line = next(x for x in review_of(asked, field=field).commitments if x.price_basis is PriceBasis.RESERVED_3Y)
    assert line.usd_per_month * 2 == CHOSEN.usd_per_month
    assert line.owed_usd == line.usd_per_month * 36
    assert (line.saving_share, line.break_even_share) == (0.5, 0.5)


def test_sections_are_numbered_in_order() -> None:
    numbers = [
        int(found) for found in re.findall(r"^## (\d+)\. ", written(REVIEW, ReviewFormat.MD), flags=re.MULTILINE)
    ]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 16
