"""Daily profiles: the shipped ones, a user's own YAML or CSV, and what is said about one that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.errors import DataError, InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DAY = tuple(f"{hour},{1 + hour % 3}" for hour in range(24))
WEEK = tuple(f"{hour},{1 + hour % 3}" for hour in range(168))
COVERS = "a profile covers a day (24) or a week (168)"
HINT = "a profile covers the 24 hours of a day or the 168 of a week, hour 0 first, one rate each"
OPERATIONS = (catalog.profiles_root() / "operations.yaml").read_text(encoding="utf-8")


def rows_file(folder: Path, rows: Iterable[str], header: str = "hour,relative_rate") -> Path:
    path = folder / "My Day.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def yaml_file(folder: Path, rates: Iterable[float]) -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"name: mine\nrelative_rate: {list(rates)}\n", encoding="utf-8")
    return path


def fault(path: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        catalog.read_daily_profile_file(path)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("rows", [DAY, WEEK])
def test_a_table_of_hours_covers_a_day_or_a_week(tmp_path: Path, rows: tuple[str, ...]) -> None:
    profile = catalog.read_daily_profile_file(rows_file(tmp_path, rows))
    assert (profile.name, len(profile.relative_rate)) == ("my-day", len(rows))
    assert profile.relative_rate[:3] == (1.0, 2.0, 3.0)
    assert profile.peak_share == pytest.approx(1.5)


def test_the_columns_of_a_table_may_come_in_any_order(tmp_path: Path) -> None:
    rows = [",".join(reversed(row.split(","))) for row in DAY]
    profile = catalog.read_daily_profile_file(rows_file(tmp_path, rows, "relative_rate,hour"))
    assert profile.relative_rate[:3] == (1.0, 2.0, 3.0)


def test_an_hour_may_be_without_load(tmp_path: Path) -> None:
    profile = catalog.read_daily_profile_file(rows_file(tmp_path, ["0,0", *DAY[1:]]))
    assert profile.shares_of_mean[0] == 0


@pytest.mark.parametrize(
    ("rows", "line", "problem"),
    [
        (DAY[:23], 24, f"covers 23 hours, {COVERS}"),
        ((*DAY, "24,1"), 26, f"covers 25 hours, {COVERS}"),
        (WEEK[:167], 168, f"covers 167 hours, {COVERS}"),
        ((*DAY[:5], *DAY[6:]), 7, "column hour: '6' where hour 5 is next"),
        ((*DAY[:5], DAY[4], *DAY[5:]), 7, "column hour: '4' where hour 5 is next"),
        ((DAY[1], DAY[0], *DAY[2:]), 2, "column hour: '1' where hour 0 is next"),
        (("1,1", *DAY[1:]), 2, "column hour: '1' where hour 0 is next"),
        (("midnight,1", *DAY[1:]), 2, "column hour: 'midnight' where hour 0 is next"),
        ((*DAY[:2], "2,-1", *DAY[3:]), 4, "column relative_rate: is not a number of at least 0: '-1'"),
        ((*DAY[:2], "2,busy", *DAY[3:]), 4, "column relative_rate: is not a number of at least 0: 'busy'"),
        ((*DAY[:2], "2,nan", *DAY[3:]), 4, "column relative_rate: is not a number of at least 0: 'nan'"),
        ((*DAY[:2], "2,inf", *DAY[3:]), 4, "column relative_rate: is not a number of at least 0: 'inf'"),
        ([f"{hour},0" for hour in range(24)], 25, "has no load in any hour"),
        ((), 1, "has no hours under its header"),
    ],
)
def test_a_bad_table_is_named_with_its_line_and_what_it_must_cover(
    tmp_path: Path, rows: tuple[str, ...], line: int, problem: str
) -> None:
    path = rows_file(tmp_path, rows)
    found = fault(path)
    assert str(found) == f"{path}:{line}: {problem}"
    assert found.hint == HINT


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    path = rows_file(tmp_path, ["0,1"], "hour,rate")
    assert str(fault(path)) == f"{path}:1: column relative_rate: is missing"


def test_a_yaml_file_has_the_fields_of_a_daily_profile(tmp_path: Path) -> None:
    profile = catalog.read_daily_profile_file(yaml_file(tmp_path, range(1, 25)))
    assert (profile.name, profile.relative_rate[-1]) == ("mine", 24.0)


def test_a_yaml_file_of_23_hours_is_refused(tmp_path: Path) -> None:
    path = yaml_file(tmp_path, range(1, 24))
    assert str(fault(path)) == f"{path}:1: covers 23 hours, {COVERS}"


def test_a_negative_rate_in_a_yaml_file_is_named(tmp_path: Path) -> None:
    path = yaml_file(tmp_path, [1, -2, *range(22)])
    assert str(fault(path)) == f"{path}:2: field relative_rate.1: should be greater than or equal to 0, not -2"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert str(fault(tmp_path / "no.csv")) == f"{tmp_path / 'no.csv'}: no such file"


def test_a_shipped_profile_is_found_by_the_start_of_its_name() -> None:
    root = catalog.profiles_root()
    shipped = catalog.read_daily_profiles(root)
    assert catalog.read_daily_profile(root, "servegen-reason") == shipped["servegen-reason-deepseek-r1-day"]
    assert len(shipped["servegen-language-small-week"].relative_rate) == 168


def test_an_unknown_or_ambiguous_profile_brings_up_the_names_there_are() -> None:
    root = catalog.profiles_root()
    with pytest.raises(UnknownNameError, match=r"^unknown daily profile 'monday'$"):
        catalog.read_daily_profile(root, "monday")
    with pytest.raises(InputError, match=r"^daily profile 'servegen-language' could be servegen-language-large-week, "):
        catalog.read_daily_profile(root, "servegen-language")


def test_operations_know_every_price_basis(tmp_path: Path) -> None:
    path = tmp_path / "operations.yaml"
    path.write_text(OPERATIONS.replace("  spot: 0.98\n", ""), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        catalog.read_operations(tmp_path)
    assert str(caught.value) == f"{path}: field availability.spot: is missing"


def test_a_replica_that_never_fails_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "operations.yaml"
    path.write_text(OPERATIONS.replace("spot: 0.98", "spot: 1"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        catalog.read_operations(tmp_path)
    assert str(caught.value) == f"{path}:3: field availability.spot: should be less than 1, not 1"
