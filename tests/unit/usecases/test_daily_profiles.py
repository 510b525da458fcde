"""Daily profiles by name and by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.errors import DataError
from advisor.usecases.asking import build_daily

if TYPE_CHECKING:
    from pathlib import Path

ROWS = "hour,relative_rate\n" + "".join(f"{hour},{1 + hour // 12}\n" for hour in range(24))
MINE = f"name: mine\nrelative_rate: {[1] * 23 + [3]}\n"


@pytest.mark.parametrize("name", ["servegen-language-mid-week", "ServeGen-Language-Mid"])
def test_a_shipped_profile_is_meant_by_its_name_or_the_start_of_it(name: str) -> None:
    assert build_daily(name, profiles=None).name == "servegen-language-mid-week"


@pytest.mark.parametrize(("file", "text"), [("mine.csv", ROWS), ("mine.yaml", MINE), ("mine.yml", MINE)])
def test_what_ends_like_a_file_is_read_as_one(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")
    assert build_daily(str(path), profiles=None).name == "mine"


def test_profiles_of_ones_own_come_first(tmp_path: Path) -> None:
    (tmp_path / "daily").mkdir()
    (tmp_path / "daily" / "mine.yaml").write_text(MINE, encoding="utf-8")
    assert build_daily("mine", profiles=tmp_path).peak_share == pytest.approx(3 / (26 / 24))


def test_profiles_without_a_folder_for_them_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="daily: no such folder"):
        build_daily("mine", profiles=tmp_path)
