"""The log is read as it grows, and no secret is in what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from advisor.profiling.servers import logs
from advisor.profiling.servers.logs import TAIL_LINES, Log, secrets_of, without_secrets

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_only_finished_lines_are_read_as_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_text("one\ntw")
    log = Log(path)
    assert log.grown() == ["one"]
    path.write_text("one\ntwo\nthree\n")
    assert log.grown() == ["two", "three"]
    assert log.grown() == []


def test_a_progress_bar_is_a_line_each_time_it_moves(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_bytes(b"\rshards: 0%\rshards: 50%\rshards: 100%\n")
    assert Log(path).grown() == ["shards: 0%", "shards: 50%", "shards: 100%"]


def test_the_tail_is_bounded_and_without_color(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_text("".join(f"\x1b[1;36mline {i}\x1b[0m\n" for i in range(5000)))
    lines = Log(path).tail().splitlines()
    assert len(lines) == TAIL_LINES
    assert lines[-1] == "line 4999"


def test_bytes_that_are_no_text_do_not_stop_us(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_bytes(b"\xff\xfe broken\nwhole\n")
    assert Log(path).tail().splitlines()[-1] == "whole"


def test_what_came_before_a_byte_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_text("start\n")
    log = Log(path)
    ready_at_byte = log.size()
    path.write_text("start\nserving\n")
    assert log.text(ready_at_byte) == "serving"


def test_of_a_very_long_log_the_end_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_BYTES", 20)
    path = tmp_path / "server.log"
    path.write_text("served\n" * 100 + "out of memory\n")
    assert Log(path).text().splitlines()[-1] == "out of memory"
    assert len(Log(path).text()) < 21


def test_secrets_are_known_by_their_names() -> None:
    named = {
        "HF_TOKEN": "hf-12345678",
        "api-key": "open-sesame",
        "max-num-batched-tokens": "8192000",
        "KEY": "abc",
        "MONKEY": "x" * 9,
    }
    assert secrets_of(named) == {"hf-12345678", "open-sesame"}


def test_tokens_are_known_by_their_shape_whoever_printed_them() -> None:
    assert without_secrets("using hf_AbCdEfGhIjKlMn now", ()) == "using *** now"
    assert without_secrets("Authorization: Bearer abc.def-123", ()) == "Authorization: Bearer ***"
    assert without_secrets("the task sk-learn is not installed", ()) == "the task sk-learn is not installed"


@given(
    secret=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=6),
    around=st.text(),
    times=st.integers(1, 3),
)
def test_a_known_secret_is_never_kept(secret: str, around: str, times: int) -> None:
    assert secret not in without_secrets(around + f"{secret} " * times, {secret})
