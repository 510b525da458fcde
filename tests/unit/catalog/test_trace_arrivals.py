"""When the requests of a trace came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.workload import Workload


def trace(folder: Path, *times: str) -> Workload:
    path = folder / "trace.csv"
    path.write_text("t_s,input_tokens,output_tokens\n" + "".join(f"{time},10,2\n" for time in times), encoding="utf-8")
    return catalog.read_trace(path)


@pytest.mark.parametrize(
    "times", [("0", "0.5", "2"), ("100", "100.5", "102"), ("-3", "-2.5", "-1"), ("-0.5", "0", "1.5")]
)
def test_times_count_from_the_first_request(tmp_path: Path, times: tuple[str, ...]) -> None:
    assert trace(tmp_path, *times).arrival_s == (0.0, 0.5, 2.0)


def test_there_is_one_time_for_each_pair_of_lengths(tmp_path: Path) -> None:
    workload = trace(tmp_path, "1", "1", "1", "4")
    assert workload.arrival_s == (0.0, 0.0, 0.0, 3.0)
    assert len(workload.pairs) == 4


@pytest.mark.parametrize("times", [("7",), ("7", "7", "7")])
def test_a_trace_without_a_span_lends_its_lengths_alone(tmp_path: Path, times: tuple[str, ...]) -> None:
    workload = trace(tmp_path, *times)
    assert workload.arrival_s == ()
    assert len(workload.pairs) == len(times)


def test_times_that_do_not_ascend_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        trace(tmp_path, "0", "5", "4")
    assert str(caught.value) == f"{tmp_path / 'trace.csv'}:4: column t_s: 4 comes after 5"
    assert caught.value.hint == "sort the rows by time"


def test_a_trace_is_read_once_until_its_content_is_another(tmp_path: Path) -> None:
    first = trace(tmp_path, "0", "1", "2")
    assert trace(tmp_path, "0", "1", "2") is first
    assert trace(tmp_path, "0", "1", "3").arrival_s == (0.0, 1.0, 3.0)


def test_a_file_without_a_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.touch()
    with pytest.raises(DataError, match=r"trace\.csv:1: is empty$"):
        catalog.read_trace(path)


def test_times_too_far_off_for_their_differences_to_count_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column t_s: is not a number of seconds: '1e300'"):
        trace(tmp_path, "0", "1e300")


def test_a_span_of_ages_takes_no_more_memory_than_its_requests(tmp_path: Path) -> None:
    workload = trace(tmp_path, "0", "1e12")
    assert workload.arrival_s == (0.0, 1e12)
    assert workload.count_dispersion == pytest.approx(1)
