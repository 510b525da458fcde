"""Every answer in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any, cast

import jsonschema  # type: ignore[import-untyped]
import pytest

from advisor.domain.answer import Listing
from advisor.report.format import Format
from advisor.report.render import FORMATS, KINDS, Answer, render
from advisor.report.structured import ANSWERS as ANSWER_TYPES
from advisor.report.structured import schema_of
from tests.samples import ANSWERS, CHOSEN, LISTING, RECOMMENDATION

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND_OF = {
    "recommendation": "recommend",
    "next-measurement": "next",
    "adaptive-run": "profile-adaptive",
    "decide-validation": "validate-decide",
    "comparison": "compare",
    "crossover": "crossover",
    "crossover-map": "crossover-map",
    "sensitivity": "sensitivity",
    "reproduction": "reproduce",
    "estimate": "estimate",
    "prediction": "predict",
    "validation": "validate-estimator",
    "validation-summary": "validate",
    "queue-validation": "validate-queueing",
    "simulation": "simulate",
    "calibration": "calibrate",
    "listing": "gpus",
    "runs": "runs",
    "history": "history",
    "imported": "import",
    "campaign-plan": "profile-plan",
    "campaign-at-work": "profile-status",
    "campaign-status": "profile-status",
}
SUFFIX = {Format.TABLE: "txt", Format.JSON: "json", Format.CSV: "csv", Format.MD: "md"}
each_answer = pytest.mark.parametrize("name", ANSWERS)


def answer(name: str) -> Answer:
    return cast("Answer", ANSWERS[name])


def test_every_format_has_a_renderer() -> None:
    assert set(FORMATS) == set(Format)


def test_every_answer_of_a_command_has_a_kind() -> None:
    assert set(KINDS) == set(ANSWER_TYPES.values())


@each_answer
@pytest.mark.parametrize("fmt", Format)
def test_the_output_is_the_golden_one(name: str, fmt: Format, assert_golden: Callable[[str, str], None]) -> None:
    assert_golden(f"{name}.{SUFFIX[fmt]}", render(answer(name), fmt, width=100))


def test_an_explained_recommendation_is_the_golden_one(assert_golden: Callable[[str, str], None]) -> None:
    assert_golden("recommendation-explained.txt", render(RECOMMENDATION, Format.TABLE, width=100, explain=True))


@each_answer
@pytest.mark.parametrize("fmt", Format)
def test_every_output_ends_with_one_line_break(name: str, fmt: Format) -> None:
    text = render(answer(name), fmt)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "listing"])
def test_json_parses_back_into_the_same_value(name: str) -> None:
    value = answer(name)
    assert type(value).model_validate_json(render(value, Format.JSON)) == value


def test_json_of_a_listing_has_the_rows_under_its_key() -> None:
    parsed = json.loads(render(LISTING, Format.JSON))
    assert parsed == {"schema_version": 1, "gpus": json.loads(LISTING.model_dump_json())["rows"]}


@each_answer
def test_json_is_versioned_and_satisfies_its_own_schema(name: str) -> None:
    parsed = json.loads(render(answer(name), Format.JSON))
    jsonschema.Draft202012Validator(schema_of(COMMAND_OF[name])).validate(parsed)
    assert parsed["schema_version"] == 1


@pytest.mark.parametrize("command", ANSWER_TYPES)
def test_every_schema_is_a_valid_schema_with_a_name(command: str) -> None:
    schema = schema_of(command)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:advisor:{command}:1"
    assert command in schema["title"]


def test_money_is_a_decimal_string_in_json() -> None:
    parsed = json.loads(render(RECOMMENDATION, Format.JSON))
    assert parsed["decision"]["candidate"]["usd_per_month"] == "23360.00"


def _records(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_of_a_recommendation_has_one_row_per_candidate_in_order() -> None:
    rows = _records(render(RECOMMENDATION, Format.CSV))
    assert [row["usd_per_month"] for row in rows] == ["23360.00", "26937.00", "116800.00"]
    assert [row["chosen"] for row in rows] == ["true", "false", "false"]


def test_csv_headers_of_latencies_and_money_carry_units() -> None:
    headers = _records(render(RECOMMENDATION, Format.CSV))[0]
    for header in headers:
        if header.startswith("latency_") and header not in {"latency_decided_by", "latency_ttft_basis"}:
            assert header.endswith("_ms")
    assert {"usd_per_hour", "usd_per_month", "offer_usd_per_hour_each"} <= set(headers)


def test_an_empty_listing_is_an_answer_in_every_format() -> None:
    empty = Listing(key="prices", columns=("gpu", "usd_per_hour"), rows=())
    for fmt in Format:
        assert render(empty, fmt).strip() or fmt is Format.CSV


def test_markdown_tables_have_as_many_cells_in_each_line() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", render(RECOMMENDATION, Format.MD), flags=re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(counts) == 1, table


def test_markdown_escapes_pipes_and_dollars() -> None:
    text = render(RECOMMENDATION, Format.MD)
    assert r"Example card \| with a pipe" in text
    assert not re.search(r"(?<!\\)\$", text)


def test_the_first_line_is_the_decision() -> None:
    for fmt in (Format.TABLE, Format.MD):
        assert (
            render(RECOMMENDATION, fmt, width=400)
            .splitlines()[0]
            .strip("*")
            .startswith("Serve example-ar-26b with its")
        )


def test_the_chosen_plan_is_marked_even_when_it_is_not_among_the_listed() -> None:
    others = RECOMMENDATION.model_copy(update={"candidates": RECOMMENDATION.candidates[1:]})
    text = render(others, Format.TABLE)
    assert ">1  example-ar-26b+example-mtp" in text
    assert CHOSEN.gpu in text


def test_a_contender_without_a_plan_says_why() -> None:
    text = render(RECOMMENDATION, Format.TABLE, width=300)
    assert "why no example-huge  rejected 2 by memory; for example example-huge bf16" in text


def test_a_model_of_which_nothing_was_considered_says_so() -> None:
    unseen = {**RECOMMENDATION.best_by_contender, "example-unseen": None}
    text = render(RECOMMENDATION.model_copy(update={"best_by_contender": unseen}), Format.TABLE, width=300)
    assert "why no example-unseen  no deployment of it was considered" in text


def test_a_lower_error_rate_counts_as_better() -> None:
    line = next(x for x in render(RECOMMENDATION, Format.TABLE).splitlines() if "Error Rate" in x)
    assert line.endswith("1.25 worse")


def test_a_recommendation_without_anything_optional_still_reads() -> None:
    bare = RECOMMENDATION.model_copy(
        update={
            "rejected": (),
            "quality": (),
            "warnings": (),
            "sources": (),
            "best_by_contender": {},
            "best_by_model": {},
        }
    )
    text = render(bare, Format.TABLE, explain=True)
    for title in ("Rejected", "Quality", "Warnings", "Sources"):
        assert title not in text


def test_the_short_report_names_how_many_sources_it_leaves_out() -> None:
    assert "2 more with --explain" in render(RECOMMENDATION, Format.TABLE)
    assert "more with --explain" not in render(RECOMMENDATION, Format.TABLE, explain=True)
