"""No password of a database is shown to a reader."""

from __future__ import annotations

import pytest

from advisor.usecases.addresses import shown, shown_arguments


@pytest.mark.parametrize("words", [("--db", "postgresql://bob:secret@db/x"), ("--db=postgresql://bob:secret@db/x",)])
def test_a_command_that_is_shown_has_no_password(words: tuple[str, ...]) -> None:
    told = " ".join(shown_arguments(("review", "--qps", "5", *words, "--draft")))
    assert "secret" not in told
    assert "bob" in told
    assert told.endswith("--draft")


def test_a_file_is_shown_as_it_can_be_typed_again() -> None:
    assert shown("sqlite:///runs.db") == "sqlite:///runs.db"
