"""Recognizing results by what they hold, and saying what is wrong with those that cannot be read."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from advisor.catalog.results import FORMATS, read_results
from advisor.errors import DataError
from tests.unit.catalog.results.told import SAMPLES, read_sample, sample, written

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = {
    "vllm-bench": 7,
    "vllm-bench/appended.jsonl": 2,
    "vllm-sweep": 4,
    "vllm-sweep/summary.csv": 4,
    "guidellm": 7,
    "guidellm/sweep.json": 3,
    "aiperf": 6,
    "aiperf/closed/profile_export.jsonl": 1,
    "aiperf/closed/profile_export_aiperf.csv": 1,
    "genai-bench": 3,
    "genai-bench/normal": 2,
}


@pytest.mark.parametrize("name", COUNTS)
def test_every_run_of_a_sample_is_found_and_knows_its_tool(name: str) -> None:
    runs = read_sample(name)
    assert len(runs) == COUNTS[name]
    assert {run.tool for run in runs} == {name.partition("/")[0].replace("vllm-sweep", "vllm-bench")}


def test_a_folder_may_hold_results_of_several_tools(tmp_path: Path) -> None:
    for name in ("vllm-bench", "guidellm", "aiperf", "genai-bench", "vllm-sweep"):
        shutil.copytree(SAMPLES / name, tmp_path / name)
    written(tmp_path, "mine.csv", "concurrency,request_rate_rps\n1,2\n")
    written(tmp_path, ".hidden.json", "{}")
    written(tmp_path, "notes.txt", "no result")
    assert len(read_results(tmp_path)) == 7 + 7 + 6 + 3 + 4 + 1


def test_the_table_that_guidellm_writes_too_is_left_out_of_a_folder(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "guidellm" / "poisson.json", tmp_path)
    written(tmp_path, "poisson.csv", "Run Info,Run Info\nModel,Backend\n")
    assert len(read_results(tmp_path)) == 1
    with pytest.raises(DataError, match="is the table of GuideLLM"):
        read_results(tmp_path / "poisson.csv")


def test_the_same_run_in_a_file_and_in_a_summary_has_the_same_content() -> None:
    by_run, by_table = read_sample("vllm-sweep"), read_sample("vllm-sweep/summary.csv")
    folder = "vllm-sweep/SERVE--max_num_seqs=16-BENCH--max_concurrency=2"
    assert {run.content for run in by_run} == {run.content for run in by_table}
    assert {run.content for run in read_sample(f"{folder}/summary.json")} < {run.content for run in by_run}


def test_a_named_format_reads_without_looking() -> None:
    with pytest.raises(DataError, match="field benchmarks: is missing"):
        read_results(SAMPLES / "vllm-bench" / "detailed.json", name="guidellm")


def test_every_format_has_its_own_name() -> None:
    names = [fmt.name for fmt in FORMATS]
    assert sorted(names) == sorted({"vllm-bench", "vllm-sweep", "guidellm", "aiperf", "genai-bench", "csv"})


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("r.json", "", "r.json: is no result that is known"),
        ("r.json", "{}", "r.json: is no result that is known"),
        ("r.json", "[]", "r.json: is no result that is known"),
        ("r.json", "[1]", r"r.json \[0\]: should be a JSON object"),
        ("r.json", '{"a": ', "r.json:1:7: cannot be read as JSON: expecting value"),
        ("r.json", '{"a": 1}\n{"b"}\n', "r.json:2:5: cannot be read as JSON"),
        ("r.csv", "time,value\n1,2\n", "r.csv: is no result that is known"),
        ("r.csv", "\0", "r.csv: is no result that is known"),
        ("profile_export.jsonl", '{"metadata": {"benchmark_phase": "profiling"}, "metrics": {}}', "neither the model nor the load"),
        ("x_aiperf.csv", "Metric,avg,min\n", "x_aiperf.csv: tells neither the model nor the load"),
    ],
)  # fmt: skip
def test_what_is_no_result_is_said_in_one_line(name: str, content: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=problem):
        read_results(written(tmp_path, name, content))


def test_a_file_that_is_not_there_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.json: no such file or folder"):
        read_results(tmp_path / "gone.json")
    with pytest.raises(DataError, match="holds no results"):
        read_results(tmp_path)


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="is not UTF-8 text"):
        read_results(tmp_path / "r.json")


@pytest.mark.parametrize("fmt", ["vllm-sweep", "aiperf", "genai-bench"])
def test_a_folder_without_the_named_kind_of_results_is_said(fmt: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no"):
        read_results(tmp_path, name=fmt)


BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "missing": ("vllm-bench/detailed.json", {"duration": None}, "field duration: is missing"),
    "word": ("vllm-bench/detailed.json", {"duration": "long"}, "field duration: should be a number of at least 0, not 'long'"),
    "negative": ("vllm-bench/detailed.json", {"duration": -1}, "should be a number of at least 0, not -1"),
    "fraction": ("vllm-bench/detailed.json", {"completed": 1.5}, "field completed: should be a whole number, not 1.5"),
    "date": ("vllm-bench/detailed.json", {"date": "today"}, "field date: is 'today', not a time"),
    "ramp": ("vllm-bench/ramp.json", {"ramp_up_strategy": "exponential"}, "only a linear ramp can be imported"),
    "column": ("vllm-bench/detailed.json", {"ttfts": [0.1]}, "field ttfts: has 1 entries, other lists of the run have 16"),
    "entry": ("vllm-bench/detailed.json", {"latencies": ["x"] * 16}, "field latencies.0: should be a number, not 'x'"),
    "list": ("vllm-bench/detailed.json", {"latencies": 3}, "field latencies: should be a list"),
    "text": ("vllm-bench/detailed.json", {"model_id": {}}, "field model_id: should be a text"),
    "precision": ("vllm-bench/detailed.json", {"precision": "fp2"}, "field precision: is 'fp2', not one of bf16"),
    "crowd": ("vllm-bench/detailed.json", {"max_concurrency": 10**9, "completed": 10**8}, "concurrency: "),
    "rate": ("vllm-bench/detailed.json", {"request_rate": "fast"}, "field request_rate: should be a number"),
    "no list": ("guidellm/poisson.json", {"benchmarks": 1}, "field benchmarks: should be a list"),
    "no object": ("guidellm/poisson.json", {"benchmarks": [1]}, "field benchmarks.0: should be an object"),
    "phases": ("aiperf/closed/profile_export_aiperf.json", {"input_config": {"models": {"items": []}}}, "input_config.phases: is missing"),
    "unit": ("genai-bench/normal/N64_10_32_8_text-to-text_num_concurrency_2_time_1s.json", {"_time_unit": "h"}, "_time_unit: is 'h'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_field_that_cannot_be_is_named(case: str, tmp_path: Path) -> None:
    name, change, problem = BAD[case]
    path = written(tmp_path, name.rpartition("/")[2], {**sample(name), **change})
    with pytest.raises(DataError) as failure:
        read_results(path)
    assert problem in str(failure.value)
    assert str(failure.value).startswith(str(path))
