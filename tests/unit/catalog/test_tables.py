"""What is said about a price book, a trace or a table of measurements that cannot be used."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.domain.basis import Basis
from advisor.domain.measurement import MeasuredMetric, Measurement
from advisor.domain.model import Content, Precision
from advisor.domain.offer import Offer
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OFFER_COLUMNS = ",".join(Offer.model_fields)
OFFER = "Acme,global,pod,l4-24gb,1,0.50,on-demand,2026-10-01,https://example.org/p,specialist,list,"
MEASUREMENT_COLUMNS = ",".join(field.name for field in fields(Measurement))
MEASUREMENT = (
    "m-1,gemma-4-26b-a4b,nvidia/x,nvfp4,gb10-128gb,1,vllm,0.24.0,,512,256,8,8,chat,,2.0,output_tok_s,171.7,published,"
    "2026-07-03,https://example.org/m,demo,,"
)


def said(read: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        read()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def price_file(root: Path, *lines: str) -> Path:
    (root / "prices").mkdir()
    path = root / "prices" / "acme.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def measurement_file(root: Path, *lines: str) -> Path:
    (root / "measurements").mkdir()
    path = root / "measurements" / "demo.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def trace_file(root: Path, *lines: str) -> Path:
    path = root / "My Trace.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_an_offer_is_read_to_the_cent(tmp_path: Path) -> None:
    price_file(tmp_path, OFFER_COLUMNS, OFFER, "", OFFER.replace("pod", '"a pod, large"'))
    first, second = catalog.read_offers(tmp_path)
    assert (first.price_usd_per_hour, first.as_of) == (Decimal("0.50"), date(2026, 10, 1))
    assert second.instance_type == "a pod, large"


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ("2026-10-01", "", "column as_of: is empty"),
        (
            "2026-10-01",
            "2026-10",
            "column as_of: should be a valid date or datetime, input is too short, not '2026-10'",
        ),
        ("https://example.org/p", "", "column source_url: is empty"),
        (",0.50,", ",0,", "column price_usd_per_hour: should be greater than 0, not '0'"),
        (",0.50,", ",-2,", "column price_usd_per_hour: should be greater than 0, not '-2'"),
        (",0.50,", ",nan,", "column price_usd_per_hour: should be a finite number, not 'nan'"),
        (",0.50,", ",cheap,", "column price_usd_per_hour: should be a valid decimal, not 'cheap'"),
        (",1,", ",0,", "column gpu_count: should be greater than 0, not '0'"),
        (
            "on-demand",
            "monthly",
            "column price_basis: should be 'on-demand', 'spot', 'reserved-1y', 'reserved-3y' or 'owned', not 'monthly'",
        ),
        (OFFER, OFFER + ",more", "has 13 values under 12 columns"),
    ],
)
def test_a_bad_offer_is_named_with_its_line(tmp_path: Path, good: str, bad: str, problem: str) -> None:
    path = price_file(tmp_path, OFFER_COLUMNS, OFFER, OFFER.replace(good, bad))
    assert said(lambda: catalog.read_offers(tmp_path)) == f"{path}:3: {problem}"


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (OFFER_COLUMNS + ",stars", "column stars: is not a known column"),
        (OFFER_COLUMNS.replace("as_of", "date"), "column as_of: is missing"),
        (OFFER_COLUMNS.replace("notes", "gpu"), "column notes: is missing"),
        (OFFER_COLUMNS + ",gpu", "column gpu: stands twice"),
        ("", "is empty"),
    ],
)
def test_a_bad_header_is_named(tmp_path: Path, header: str, problem: str) -> None:
    path = price_file(tmp_path, header, OFFER)
    assert said(lambda: catalog.read_offers(tmp_path)) == f"{path}:1: {problem}"


def test_a_quote_that_never_closes_is_named(tmp_path: Path) -> None:
    path = price_file(tmp_path, OFFER_COLUMNS, '"Acme,global')
    assert said(lambda: catalog.read_offers(tmp_path)) == f"{path}:2: cannot be read as CSV: unexpected end of data"


def test_a_measurement_is_read_with_its_types(tmp_path: Path) -> None:
    measurement_file(tmp_path, MEASUREMENT_COLUMNS, MEASUREMENT)
    (row,) = catalog.read_measurements(tmp_path)
    assert (row.precision, row.content, row.metric) == (Precision.NVFP4, Content.CHAT, MeasuredMetric.OUTPUT_TOK_S)
    assert (row.speculative, row.steps, row.value) == (None, None, 171.7)
    assert (row.basis, row.date, row.excluded) == (Basis.PUBLISHED, date(2026, 7, 3), "")


def test_no_measurements_are_no_mistake(tmp_path: Path) -> None:
    assert catalog.read_measurements(tmp_path) == ()


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ("171.7", "fast", "column value: should be a positive number, not 'fast'"),
        ("171.7", "inf", "column value: should be a positive number, not 'inf'"),
        ("171.7", "-1", "column value: should be a positive number, not '-1'"),
        (",chat,", ",poetry,", "column content: 'poetry' is none of structured, code, chat, prose"),
        ("2026-07-03", "2026-07", "column date: should be a date such as 2026-07-04, not '2026-07'"),
        ("https://example.org/m", "example.org", "column source_url: should be a web address, not 'example.org'"),
        (",512,", ",0,", "column input_tokens: should be a whole number of at least 1, not '0'"),
        ("m-1,", ",", "column id: must not be empty, not ''"),
    ],
)
def test_a_bad_measurement_is_named_with_its_line(tmp_path: Path, good: str, bad: str, problem: str) -> None:
    path = measurement_file(tmp_path, MEASUREMENT_COLUMNS, MEASUREMENT, MEASUREMENT.replace(good, bad, 1))
    assert said(lambda: catalog.read_measurements(tmp_path)) == f"{path}:3: {problem}"


def test_measurement_columns_in_another_order_are_refused(tmp_path: Path) -> None:
    first, second, *others = MEASUREMENT_COLUMNS.split(",")
    path = measurement_file(tmp_path, ",".join([second, first, *others]), MEASUREMENT)
    assert said(lambda: catalog.read_measurements(tmp_path)) == f"{path}:1: has its columns in another order"


def test_a_trace_becomes_a_workload_of_pairs(tmp_path: Path) -> None:
    path = trace_file(tmp_path, "t_s,input_tokens,output_tokens,prefix_blocks", "0,10,2,1", "0,11,3,1", "2.5,12,4,1")
    workload = catalog.read_trace(path, content=Content.CODE)
    assert (workload.name, workload.content) == ("my-trace", Content.CODE)
    assert workload.pairs == ((10, 2), (11, 3), (12, 4))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,10,-2", "column output_tokens: is not a whole number of at least 1: '-2'"),
        ("1,0,2", "column input_tokens: is not a whole number of at least 1: '0'"),
        ("1,10,2.5", "column output_tokens: is not a whole number of at least 1: '2.5'"),
        ("1,many,2", "column input_tokens: is not a whole number of at least 1: 'many'"),
        ("-1,10,2", "column t_s: -1 comes after 0"),
        ("noon,10,2", "column t_s: is not a number of seconds: 'noon'"),
        ("nan,10,2", "column t_s: is not a number of seconds: 'nan'"),
    ],
)
def test_a_bad_trace_is_named_with_its_line(tmp_path: Path, row: str, problem: str) -> None:
    path = trace_file(tmp_path, "t_s,input_tokens,output_tokens", "0,10,2", row)
    assert said(lambda: catalog.read_trace(path)) == f"{path}:3: {problem}"


def test_a_trace_without_requests_is_refused(tmp_path: Path) -> None:
    path = trace_file(tmp_path, "t_s,input_tokens,output_tokens")
    assert said(lambda: catalog.read_trace(path)) == f"{path}:1: has no requests under its header"


def test_a_trace_without_a_column_is_refused(tmp_path: Path) -> None:
    path = trace_file(tmp_path, "t_s,input_tokens", "0,1")
    assert said(lambda: catalog.read_trace(path)) == f"{path}:1: column output_tokens: is missing"


def test_a_missing_trace_a_folder_and_other_text_are_named(tmp_path: Path) -> None:
    assert said(lambda: catalog.read_trace(tmp_path / "no.csv")) == f"{tmp_path / 'no.csv'}: no such file"
    assert said(lambda: catalog.read_trace(tmp_path)) == f"{tmp_path}: is a folder, not a file"
    latin = tmp_path / "latin.csv"
    latin.write_bytes(b"t_s,input_tokens,output_tokens\n0,\xff,1\n")
    assert said(lambda: catalog.read_trace(latin)) == f"{latin}:2: is not UTF-8 text"
