"""Traces and daily profiles that cannot be used, through the real reading of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

WEEKS = ", ".join(f"servegen-language-{size}-week" for size in ("large", "mid", "small"))
COVERS = "a profile covers a day (24) or a week (168)"
TRACE = "t_s,input_tokens,output_tokens\n"
HOURS = "hour,relative_rate\n"


def hours(count: int) -> str:
    return "".join(f"{hour},1\n" for hour in range(count))


@pytest.mark.parametrize(
    ("option", "name", "text", "problem"),
    [
        ("--trace", "t.csv", "", ":1: is empty"),
        ("--trace", "t.csv", TRACE, ":1: has no requests under its header"),
        ("--trace", "t.csv", TRACE + "5,10,2\n4,10,2\n", ":3: column t_s: 4 comes after 5"),
        ("--daily-profile", "d.csv", HOURS + hours(23), f":24: covers 23 hours, {COVERS}"),
        ("--daily-profile", "d.csv", HOURS + "1,1\n0,1\n", ":2: column hour: '1' where hour 0 is next"),
        ("--daily-profile", "d.csv", HOURS + "0,-1\n", ":2: column relative_rate: is not a number of at least 0: '-1'"),
        ("--daily-profile", "d.yaml", f"name: d\nrelative_rate: {[1] * 23}\n", f":1: covers 23 hours, {COVERS}"),
        ("--daily-profile", "d.yml", "name: d\n", ":1: field relative_rate: is missing"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_with_a_place_and_exit_code_2(
    option: str, name: str, text: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert run(["recommend", "--qps", "1", option, str(path)]) == 2
    captured = capsys.readouterr()
    error, hint = captured.err.splitlines()
    assert error == f"error: {path}{problem}"
    assert hint.startswith("hint: ")
    assert not captured.out


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("monday", "unknown daily profile 'monday'"),
        ("", "unknown daily profile ''"),
        ("no-such.csv", "no-such.csv: no such file"),
        ("servegen-language", f"daily profile 'servegen-language' could be {WEEKS}"),
    ],
)
def test_a_daily_profile_that_is_not_there_is_one_line_and_exit_code_2(
    name: str, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["recommend", "--qps", "1", "--daily-profile", name]) == 2
    assert capsys.readouterr().err.splitlines()[0] == f"error: {error}"
