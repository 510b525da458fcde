"""Single measurements on a real SQLite file, and what a URL may be."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from advisor.domain.basis import Basis
from advisor.domain.measurement import MeasuredMetric, Measurement
from advisor.domain.model import Content, Precision
from advisor.errors import DataError, InputError
from advisor.store import default_url, exists, open_store, read_measurements
from advisor.store.tables import MeasurementRow

if TYPE_CHECKING:
    from pathlib import Path

MEASUREMENT = Measurement(
    id="run-1",
    model="gemma-4-26b-a4b",
    checkpoint="nvidia/Gemma-4-26B-A4B-NVFP4",
    precision=Precision.NVFP4,
    gpu="gb10-128gb",
    tensor_parallel=1,
    engine="vllm",
    engine_version="0.33.0",
    speculative=None,
    input_tokens=512,
    output_tokens=256,
    concurrency=8,
    slots=8,
    content=Content.CHAT,
    steps=None,
    kv_bytes_per_value=1.0,
    metric=MeasuredMetric.OUTPUT_TOK_S,
    value=171.7,
    basis=Basis.MEASURED,
    date=date(2026, 11, 1),
    source_url="https://example.org/run-1",
    set_name="demo",
)
OTHER = replace(MEASUREMENT, id="run-2", speculative="mtp", steps=15.1, excluded="warm-up", notes="é")


def database(folder: Path) -> str:
    return f"sqlite:///{folder / 'runs' / 'advisor.db'}"


def test_measurements_come_back_as_they_went_in(tmp_path: Path) -> None:
    with open_store(database(tmp_path)) as store:
        assert store.add([OTHER]) == 1
        store.add([MEASUREMENT])
    assert read_measurements(database(tmp_path)) == (OTHER, MEASUREMENT)


def test_the_table_mirrors_a_measurement_field_by_field() -> None:
    columns = [column.name for column in MeasurementRow.__table__.columns]
    assert columns == ["row", *(field.name for field in fields(Measurement))]


def test_reading_makes_no_file(tmp_path: Path) -> None:
    assert read_measurements(database(tmp_path)) == ()
    assert not exists(database(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_measurement_is_added_once_and_all_or_none_are(tmp_path: Path) -> None:
    with open_store(database(tmp_path)) as store:
        store.add([MEASUREMENT])
        with pytest.raises(DataError, match="holds one of these measurements already"):
            store.add([OTHER, MEASUREMENT])
        assert store.measurements() == (MEASUREMENT,)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_measurements(f"sqlite:///{path}")
    assert str(caught.value) == f"{path}: file is not a database"


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_measurements(f"sqlite:///{tmp_path}")
    assert str(caught.value) == f"{tmp_path}: is a folder, not a database"


def test_a_value_we_do_not_know_is_named(tmp_path: Path) -> None:
    with open_store(database(tmp_path)) as store:
        store.add([MEASUREMENT])
    with closing(sqlite3.connect(tmp_path / "runs" / "advisor.db")) as connection, connection:
        connection.execute("update measurements set precision = 'fp3'")
    with pytest.raises(DataError, match="'fp3' is not a valid Precision"):
        read_measurements(database(tmp_path))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="cannot make its folder"):
        open_store(database(tmp_path))


@pytest.mark.parametrize("url", ["nonsense", "nosuchbase://host/name", "sqlite://host/name", "sqlite:///x.db?mood=bad"])
def test_a_url_that_means_nothing_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="cannot use the database"):
        open_store(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert exists(url)
    with open_store(url) as store:
        store.add([MEASUREMENT])
    assert list(tmp_path.iterdir()) == []


def test_a_named_driver_is_still_a_file(tmp_path: Path) -> None:
    url = f"sqlite+pysqlite:///{tmp_path / 'runs.db'}"
    assert read_measurements(url) == ()
    with open_store(url) as store:
        store.add([MEASUREMENT])
    assert read_measurements(url) == (MEASUREMENT,)


@pytest.mark.parametrize("name", ["with space.db", "50%25.db", "a#b;c.db", "é.db"])
def test_a_file_may_be_called_anything(tmp_path: Path, name: str) -> None:
    url = f"sqlite:///{tmp_path / name}"
    with open_store(url) as store:
        store.add([MEASUREMENT])
    assert read_measurements(url) == (MEASUREMENT,)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_default_database_belongs_to_the_user() -> None:
    assert default_url().startswith("sqlite:///")
    assert default_url().endswith("/advisor/advisor.db")


def test_asking_where_the_database_is_does_not_load_sqlalchemy() -> None:
    code = "import sys, advisor.store as s; s.exists(s.default_url()); s.read_measurements('sqlite:///no/such.db'); sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
