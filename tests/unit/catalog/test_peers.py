"""What is published of other tools' errors: dated, with an address, and said to be comparable or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.catalog.peers import COLUMNS, read_peer_figures
from advisor.errors import DataError
from advisor.usecases.validating.table import PARTS

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = read_peer_figures(catalog.profiles_root())
GOOD = dict(
    zip(
        COLUMNS,
        (
            "curves",
            "a tool",
            "TPOT",
            "mean",
            "4.7",
            "somewhere",
            "no",
            "other rows",
            "2026-11-23",
            "https://example.com",
        ),
        strict=True,
    )
)


def written(root: Path, **changed: str) -> Path:
    folder = root / "peers"
    folder.mkdir(exist_ok=True)
    cells = {**GOOD, **changed}
    (folder / "errors.csv").write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n", encoding="utf-8")
    return root


def test_the_shipped_figures_are_about_parts_that_are_judged() -> None:
    assert SHIPPED
    assert {peer.part for peer in SHIPPED} <= set(PARTS)
    assert {peer.comparable for peer in SHIPPED} == {True, False}


def test_a_percentage_becomes_a_share(tmp_path: Path) -> None:
    (peer,) = read_peer_figures(written(tmp_path))
    assert peer.error == pytest.approx(0.047)
    assert not peer.comparable


def test_profiles_without_any_are_fine(tmp_path: Path) -> None:
    assert read_peer_figures(tmp_path) == ()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"tool": " "}, "column tool: is empty"),
        ({"comparable": "perhaps"}, "column comparable: is not yes or no: 'perhaps'"),
        ({"source_url": "example.com"}, "column source_url: should be a web address"),
        ({"error_percent": "-1"}, "column error_percent: should be a percentage of at least 0, not '-1'"),
        ({"error_percent": "few"}, "column error_percent: should be a percentage"),
        ({"error_percent": "nan"}, "column error_percent: should be a percentage"),
        ({"date": "June"}, "column date: should be a date such as 2026-07-04, not 'June'"),
    ],
)
def test_a_bad_value_is_named_with_its_line(changed: dict[str, str], problem: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"errors\.csv:2") as failure:
        read_peer_figures(written(tmp_path, **changed))
    assert problem in str(failure.value)
