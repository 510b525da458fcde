"""Words and limits have one place: the README and the dashboard show what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.report.glossary import GLOSSARY, in_markdown
from advisor.report.limits import LIMITS

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_the_whole_glossary_and_nothing_else() -> None:
    shown = README.partition("## Glossary\n")[2].partition("\n## ")[0]
    rows = [line for line in shown.splitlines(keepends=True) if line.startswith("|")]
    assert "".join(rows[2:]) == in_markdown()


@pytest.mark.parametrize("limit", LIMITS)
def test_the_readme_has_every_limit(limit: str) -> None:
    assert limit in " ".join(README.split())


def test_no_cell_breaks_the_table() -> None:
    assert not [word for word, meaning in GLOSSARY.items() if "|" in word + meaning or "\n" in meaning]
