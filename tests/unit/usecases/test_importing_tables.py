"""The law of plain CSV: runs that were listed as a table are the same runs once that is imported."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from advisor.catalog.results import Told
from advisor.domain.basis import Basis
from advisor.domain.load import ClosedLoad, OpenLoad, TraceLoad
from advisor.domain.run_figures import Percentiles, Verdict
from advisor.domain.run_listing import RunLine, RunListing
from advisor.report.runs import run_records
from advisor.report.spreadsheet import as_csv
from advisor.usecases.keeping import _line
from advisor.usecases.results.importing import read_all
from tests.runs import conditions, figures, profiled
from tests.unit.catalog.results.told import written
from tests.unit.usecases.imports import DESCRIBED

if TYPE_CHECKING:
    import pytest

    from advisor.domain.profiled import ProfiledRun

FIGURE = st.floats(0, 1e6)
POSITIVE = st.floats(1e-6, 1e9)
COUNT = st.integers(0, 10_000)
WORD = st.from_regex(r"[a-z][a-z0-9_.-]{0,12}", fullmatch=True)
CODE = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
SAID = st.sampled_from(["3 of 9; at most 1% may", 'a "quoted", word', "x"])
SENTENCES = st.lists(st.tuples(CODE, SAID).map(": ".join), max_size=3).map(tuple)
LATENCY = st.none() | st.builds(
    Percentiles, mean=FIGURE, p50=st.none() | FIGURE, p95=st.none() | FIGURE, p99=st.none() | FIGURE
)
LOADS = st.one_of(
    st.builds(ClosedLoad, concurrency=st.integers(1, 500)),
    st.builds(OpenLoad, rate_rps=POSITIVE, burstiness=st.sampled_from([0.0, 1.0, 2.5])),
    st.builds(TraceLoad, rate_rps=st.none() | POSITIVE),
)


@st.composite
def shown(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a run showed."""
    completed, failed = draw(COUNT), draw(COUNT)
    return {
        **{name: draw(LATENCY) for name in ("ttft_ms", "tpot_ms", "ntpot_ms", "e2e_s")},
        **{name: draw(FIGURE) for name in ("request_rate_rps", "output_tok_s", "output_tokens_mean", "duration_s")},
        "requests": completed + failed,
        "completed": completed,
        "failures": {"http_500": failed} if failed else {},
    }


@st.composite
def kept(draw: st.DrawFn) -> ProfiledRun:
    """Draw a run as a database may keep it."""
    reasons = draw(SENTENCES)
    untold = {"precision": None, "content": None, "max_num_seqs": None} if draw(st.booleans()) else {}
    return profiled(
        draw(WORD),
        load=draw(LOADS),
        under=conditions(engine_version=draw(WORD), workload=draw(WORD), **untold),
        showing=figures().model_copy(update=draw(shown())),
        verdict=Verdict(valid=not reasons, reasons=reasons, flags=draw(SENTENCES)),
        repeat=draw(COUNT),
        basis=draw(st.sampled_from([Basis.MEASURED, Basis.SIMULATED])),
        measured_at=draw(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
        tool=draw(st.sampled_from(["advisor", "guidellm"])),
        source=draw(WORD),
    )


def lines_of(runs: tuple[ProfiledRun, ...]) -> list[RunLine]:
    return [_line(run, "any").model_copy(update={"campaign_id": ""}) for run in runs]


@given(st.lists(kept(), min_size=1, max_size=4, unique_by=lambda run: run.id))
def test_a_table_of_runs_can_be_imported_again(
    tmp_path_factory: pytest.TempPathFactory, runs: list[ProfiledRun]
) -> None:
    before = lines_of(tuple(runs))
    text = as_csv(run_records(RunListing(runs=tuple(before))))
    path = written(tmp_path_factory.mktemp("table"), "runs.csv", text)
    assert lines_of(read_all([path], Told(), fmt=None, described=DESCRIBED).runs) == before
