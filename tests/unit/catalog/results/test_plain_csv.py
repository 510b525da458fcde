"""Plain CSV: two columns are enough, and what is there has to make sense."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from advisor.catalog.results import read_results
from advisor.catalog.results.plain_csv import COLUMNS
from advisor.domain.basis import Basis
from advisor.domain.load import ClosedLoad, OpenLoad, RampLoad, TraceLoad
from advisor.errors import DataError
from advisor.report.runs import run_records
from tests import samples
from tests.unit.catalog.results.told import written

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.catalog.results import ToldRun


def read(folder: Path, *lines: str) -> tuple[ToldRun, ...]:
    return read_results(written(folder, "mine.csv", "\n".join(lines)))


def test_concurrency_and_rate_are_enough(tmp_path: Path) -> None:
    first, second = read(tmp_path, "concurrency,request_rate_rps", "1,0.5", "8,2.75")
    assert (first.load, first.summary.request_rate_rps) == (ClosedLoad(concurrency=1), 0.5)
    assert (second.load, second.summary.request_rate_rps) == (ClosedLoad(concurrency=8), 2.75)
    assert first.summary.ttft_ms is None
    assert (first.tool, first.source, first.kept, first.tells_spread) == ("csv", "mine.csv", None, False)


def test_the_columns_are_those_that_runs_are_listed_with() -> None:
    assert tuple(next(run_records(samples.RUNS))) == COLUMNS


def test_short_names_of_lengths_make_a_rate_of_tokens(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "concurrency,request_rate_rps,input_tokens,output_tokens", "4,2,900,150.5")
    assert (run.summary.input_tokens_mean, run.summary.output_tokens_mean) == (900.0, 150.5)
    assert run.summary.output_tok_s == 301.0


@pytest.mark.parametrize(
    ("load", "rate", "expected"),
    [
        ("", "", OpenLoad(rate_rps=3.0)),
        ("", "3.5", OpenLoad(rate_rps=3.5)),
        ("3.5 requests/s, constant", "3.5", OpenLoad(rate_rps=3.5, burstiness=0.0)),
        ("3.5 requests/s, CV2 2.5", "3.5", OpenLoad(rate_rps=3.5, burstiness=2.5)),
        ("the trace", "", TraceLoad()),
        ("the trace at 2 requests/s", "2", TraceLoad(rate_rps=2.0)),
        ("0 to 9 requests/s in 1e+03 s", "", RampLoad(from_rps=0.0, to_rps=9.0, duration_s=1000.0)),
    ],
)
def test_a_row_without_concurrency_is_an_open_load(load: str, rate: str, expected: object, tmp_path: Path) -> None:
    (run,) = read(tmp_path, "concurrency,request_rate_rps,load,offered_rate_rps", f',3,"{load}",{rate}')
    assert run.load == expected


def test_a_row_may_tell_the_server_the_date_and_the_basis(tmp_path: Path) -> None:
    names = (
        "concurrency,request_rate_rps,model,gpu,precision,tensor_parallel,max_num_seqs,engine_version,measured_at,basis"
    )
    (run,) = read(tmp_path, names, "4,2,gemma-4-26b-a4b,h100,FP8,2,64,0.30,2026-07-04,simulated")
    told = run.told
    assert (told.model, told.gpu, told.precision, told.tensor_parallel) == ("gemma-4-26b-a4b", "h100", "fp8", 2)
    assert (told.slots, told.engine_version, told.measured_at) == (64, "0.30", datetime(2026, 7, 4, tzinfo=UTC))
    assert run.basis is Basis.SIMULATED


def test_failures_and_sentences_are_read_as_they_are_written(tmp_path: Path) -> None:
    (run,) = read(
        tmp_path,
        "id,concurrency,request_rate_rps,failures,valid,reasons,flags",
        "0123456789,4,2,http_500=2; connection_reset=1,false,failures: 3 of 9; at most 1% may; little: 3 of 4,ramp: it rose",
    )  # fmt: skip
    assert run.summary.failures == {"http_500": 2, "connection_reset": 1}
    assert run.kept is not None
    assert run.kept.verdict is not None
    assert run.kept.verdict.reasons == ("failures: 3 of 9; at most 1% may", "little: 3 of 4")
    assert run.kept.verdict.flags == ("ramp: it rose",)
    assert not run.kept.verdict.valid


HEAD = "concurrency,request_rate_rps"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((HEAD,), ":1: holds no run"),
        ((f"{HEAD},gpuu", "1,2,h100"), ":1: column gpuu: is not a known column"),
        ((HEAD, "1,2", "8"), ":3: has 1 values under 2 columns"),
        ((HEAD, "1,"), ":2: column request_rate_rps: is missing"),
        ((HEAD, "1,fast"), ":2: column request_rate_rps: should be a number of at least 0, not 'fast'"),
        ((HEAD, "1.5,2"), ":2: column concurrency: should be a whole number, not 1.5"),
        ((HEAD, "0,2"), ":2: concurrency: "),
        ((HEAD, ",0"), ":2: rate_rps: "),
        ((f"{HEAD},ttft_p95_ms", "1,2,30"), ":2: column ttft_mean_ms: is missing, though ttft_p95_ms is given"),
        ((f"{HEAD},load", ",2,much"), ":2: column load: is 'much', which is no load as advisor runs writes it"),
        ((f"{HEAD},failures", "1,2,many"), ":2: column failures: cannot read 'many'; write http_500=2"),
        ((f"{HEAD},measured_at", "1,2,once"), ":2: column measured_at: is 'once', not a time"),
        ((f"{HEAD},basis", "1,2,guessed"), ":2: column basis: is 'guessed', not one of measured"),
        ((f"{HEAD},id,valid", "1,2,x,perhaps"), ":2: column valid: is 'perhaps', not true or false"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_line_with_a_place(
    lines: tuple[str, ...], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as failure:
        read(tmp_path, *lines)
    assert f"mine.csv{problem}" in str(failure.value)
