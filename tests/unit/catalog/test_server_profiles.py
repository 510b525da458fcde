"""What is said about a profile of a user's own server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.domain.server_profile import ClosedLoopRun, Run
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "concurrency,request_rate_rps"


def profile_file(folder: Path, *lines: str) -> Path:
    path = folder / "My Server.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_rows_become_runs_and_empty_cells_stay_unknown(tmp_path: Path) -> None:
    path = profile_file(tmp_path, f"note,e2e_mean_s,{HEADER}", "fast, 2.0 ,1,0.5", ",,8,3", "", "poisson,,,1.5")
    profile = catalog.read_server_profile(path)
    assert profile.name == "my-server"
    assert profile.levels == (
        ClosedLoopRun(concurrency=1, request_rate_rps=0.5, e2e_mean_s=2.0),
        ClosedLoopRun(concurrency=8, request_rate_rps=3.0),
    )
    assert profile.anchors == (Run(request_rate_rps=1.5),)


def test_an_anchor_may_stand_anywhere(tmp_path: Path) -> None:
    profile = catalog.read_server_profile(profile_file(tmp_path, HEADER, ",0.2", "1,0.5", ",0.4", "8,3"))
    assert [run.concurrency for run in profile.levels] == [1, 8]
    assert [run.request_rate_rps for run in profile.anchors] == [0.2, 0.4]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], ":1: "),
        (["concurrency", "1"], ":1: column request_rate_rps: is missing"),
        (["request_rate_rps", "1"], ":1: column concurrency: is missing"),
        ([f"{HEADER},concurrency", "1,2,3"], ":1: column concurrency: stands twice"),
        ([HEADER], ":1: has 0 closed-loop rows"),
        ([HEADER, "1,2"], ":2: has 1 closed-loop rows of at least 2"),
        ([HEADER, "1,2", ",1"], ":3: has 1 closed-loop rows"),
        ([HEADER, "1,2", "2"], ":3: has 1 values under 2 columns"),
        ([HEADER, "1,2", "8,-3"], ":3: column request_rate_rps: is not a positive number: '-3'"),
        ([HEADER, "1,2", "8,0"], ":3: column request_rate_rps: is not a positive number: '0'"),
        ([HEADER, "1,2", "8,nan"], ":3: column request_rate_rps: is not a positive number: 'nan'"),
        ([HEADER, "1,2", "8,"], ":3: column request_rate_rps: is missing"),
        ([HEADER, "1,2", ","], ":3: column request_rate_rps: is missing"),
        ([HEADER, "1,2", "8,fast"], ":3: column request_rate_rps: is not a positive number: 'fast'"),
        ([HEADER, "1.5,2", "8,3"], ":2: column concurrency: is not a whole number from 1 to 16,384: '1.5'"),
        ([HEADER, "0,2", "8,3"], ":2: column concurrency: is not a whole number"),
        ([HEADER, "one,2", "8,3"], ":2: column concurrency: is not a whole number"),
        ([HEADER, "1,2", "1e9,3"], ":3: column concurrency: is not a whole number"),
        ([HEADER, "8,3", "1,2"], ":3: column concurrency: 1 comes after 8"),
        ([HEADER, "8,3", "8,3"], ":3: column concurrency: 8 comes a second time"),
        ([f"{HEADER},e2e_mean_s", "1,2,0.5", "8,3,-1"], ":3: column e2e_mean_s: is not a positive number: '-1'"),
        ([f"{HEADER},ttft_mean_ms,e2e_mean_s", "1,2,600,0.5", "8,3,,"], ":2: column ttft_mean_ms: is longer than e2e"),
        ([f"{HEADER},ttft_mean_ms", "1,2,50", ",1,x"], ":3: column ttft_mean_ms: is not a positive number: 'x'"),
    ],
)
def test_a_bad_profile_is_refused_with_its_line(tmp_path: Path, lines: list[str], said: str) -> None:
    path = profile_file(tmp_path, *lines)
    with pytest.raises(DataError) as caught:
        catalog.read_server_profile(path)
    assert f"My Server.csv{said}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        catalog.read_server_profile(tmp_path / "none.csv")
