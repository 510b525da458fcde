"""Somebody who watches sees how far a command has come; a file or a pipe sees nothing of it."""

from __future__ import annotations

import io
import sys

import pytest

from advisor.cli import progress


class Terminal(io.StringIO):
    """Standard error as a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_the_last_word_and_nothing_of_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.line("simulating") as say:
        assert say is not None
        say("one plan")
        say("x" * 500)
    assert "simulating one plan" in terminal.getvalue()
    assert all(len(part) < 120 for part in terminal.getvalue().split("\r"))
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_failure_leaves_no_line_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with pytest.raises(ZeroDivisionError), progress.line("simulating"):
        _ = 1 / 0
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_pipe_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = io.StringIO()
    monkeypatch.setattr(sys, "stderr", piped)
    with progress.line("simulating") as say:
        assert say is None
    assert piped.getvalue() == ""
