"""Every schema there ever was becomes the present one, and nothing that is stored gets lost on the way."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from socket import gethostname
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import column, create_engine, insert, make_url, table, update

from advisor.domain.campaign import Limits
from advisor.errors import DataError
from advisor.store import open_store, read_measurements, read_runs
from advisor.store.migrating import alembic_config
from advisor.store.schema import KNOWN, NEWEST, VERSION_TABLE
from advisor.store.tables import Base
from tests.unit.store.filled import CELLS, RECORD, result_of
from tests.unit.store.test_store import MEASUREMENT, OTHER

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

OLDEST_SCHEMA = """
CREATE TABLE measurements (
    "row" INTEGER NOT NULL, id VARCHAR NOT NULL, model VARCHAR NOT NULL, checkpoint VARCHAR NOT NULL, precision VARCHAR NOT NULL,
    gpu VARCHAR NOT NULL, tensor_parallel INTEGER NOT NULL, engine VARCHAR NOT NULL, engine_version VARCHAR NOT NULL,
    speculative VARCHAR, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, concurrency INTEGER NOT NULL,
    slots INTEGER NOT NULL, content VARCHAR NOT NULL, steps FLOAT, kv_bytes_per_value FLOAT NOT NULL, metric VARCHAR NOT NULL,
    value FLOAT NOT NULL, basis VARCHAR NOT NULL, date DATE NOT NULL, source_url VARCHAR NOT NULL, set_name VARCHAR NOT NULL,
    excluded VARCHAR NOT NULL, notes VARCHAR NOT NULL, PRIMARY KEY ("row"), UNIQUE (id)
)
"""
"""As the first release made it, with SQLAlchemy 2.0."""

INSERT = "INSERT INTO measurements VALUES (" + ", ".join("?" * 25) + ")"  # noqa: S608 - marks


VERSIONS = table(VERSION_TABLE, column("version_num"))


def make_oldest(path: Path) -> str:
    """Make a database as the first release left it, with two measurements, and return its URL."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(OLDEST_SCHEMA)
        for row, measurement in enumerate((OTHER, MEASUREMENT), start=1):
            values = [getattr(measurement, name) for name in measurement.__slots__]
            plain = [value.isoformat() if isinstance(value, date) else value for value in values]
            connection.execute(INSERT, [row, *plain])
    return f"sqlite:///{path}"


def sqlalchemy_engine(url: str) -> Engine:
    parsed = make_url(url)
    return create_engine(parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed)


def tables_of(path: Path) -> dict[str, list[str]]:
    """Return the parts of each table's definition, in any order: Alembic and SQLAlchemy order constraints differently."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    parts = {
        name: re.fullmatch(r"(.*?)\((.*)\)(.*)", " ".join(sql.split())) for name, sql in rows if name != VERSION_TABLE
    }
    assert all(parts.values())
    return {
        name: [found[1], *sorted(part.strip() for part in re.split(r",(?![^(]*\))", found[2])), found[3]]
        for name, found in parts.items()
        if found
    }


def test_a_database_of_the_first_release_keeps_its_measurements(tmp_path: Path) -> None:
    url = make_oldest(tmp_path / "old.db")
    with open_store(url) as store:
        assert store.measurements() == (OTHER, MEASUREMENT)
        assert store.begin_campaign(RECORD, CELLS)
    assert read_measurements(url) == (OTHER, MEASUREMENT)


def test_reading_brings_a_database_of_the_first_release_up_to_date(tmp_path: Path) -> None:
    url = make_oldest(tmp_path / "old.db")
    assert read_runs(url) == ()
    assert read_measurements(url) == (OTHER, MEASUREMENT)
    assert "runs" in tables_of(tmp_path / "old.db")


def make_of_campaigns(url: str) -> None:
    """Make a database as the schema of the first campaigns was, with a campaign that a process of this machine works on."""
    engine, now = sqlalchemy_engine(url), datetime.now(UTC)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
        campaign = {**RECORD.model_dump(exclude={"git", "basis"}), "git_commit": "", "git_dirty": False, "git_path": ""}
        claim = {"id": "c", "campaign_id": RECORD.id, "host": gethostname(), "pid": os.getpid()}
        connection.execute(
            insert(table("campaigns", *map(column, (*campaign, "basis")))), {**campaign, "basis": "measured"}
        )
        times = {"claimed_at": now, "heartbeat_at": now}
        connection.execute(insert(table("claims", *map(column, (*claim, *times)))), {**claim, **times})
    engine.dispose()


def test_a_database_of_the_first_campaigns_keeps_who_works_on_them(url: str) -> None:
    make_of_campaigns(url)
    with open_store(url) as store:
        assert store.campaign(RECORD.name).id == RECORD.id
        assert store.driver(RECORD.id) == f"process {os.getpid()} on {gethostname()}"
        assert store.limits(RECORD.id) == Limits()
        assert store.begun(RECORD.id) == ()


def test_a_blank_database_and_the_oldest_one_end_up_alike(tmp_path: Path) -> None:
    open_store(make_oldest(tmp_path / "old.db")).close()
    open_store(f"sqlite:///{tmp_path / 'new.db'}").close()
    old, new = tables_of(tmp_path / "old.db"), tables_of(tmp_path / "new.db")
    assert {**old, "measurements": None} == {**new, "measurements": None}


def test_the_migrated_schema_is_that_of_the_models(url: str) -> None:
    open_store(url).close()
    engine = sqlalchemy_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrations_define_each_table_as_the_models_do_to_the_letter(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'migrated.db'}").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'models.db'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    assert tables_of(tmp_path / "migrated.db") == tables_of(tmp_path / "models.db")


def test_the_list_of_schemas_is_that_of_the_migrations() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert script.get_heads() == [NEWEST]
    assert [revision.revision for revision in script.walk_revisions()][::-1] == list(KNOWN)


def test_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    with open_store(url) as store:
        store.add([MEASUREMENT])
    engine = sqlalchemy_engine(url)
    with engine.begin() as connection:
        connection.execute(update(VERSIONS).values(version_num="9999"))
    for read in (open_store, read_measurements, read_runs):
        with pytest.raises(DataError, match="was written by a newer advisor") as caught:
            read(url)
        assert "upgrade advisor" in caught.value.hint
    with engine.begin() as connection:
        connection.execute(update(VERSIONS).values(version_num=NEWEST))
    engine.dispose()
    assert read_measurements(url) == (MEASUREMENT,)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE runs (id INTEGER)")
        connection.execute("CREATE TABLE measurements (id TEXT, value REAL)")
    before = path.read_bytes()
    for read in (open_store, read_measurements, read_runs):
        with pytest.raises(DataError, match=r"is the database of another program \(it has measurements, runs\)"):
            read(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = make_oldest(tmp_path / "old.db")
    before = tables_of(tmp_path / "old.db")

    def fail(*_: object, **__: object) -> None:
        raise OSError("the power went")

    monkeypatch.setattr("alembic.operations.Operations.create_index", fail)
    with pytest.raises(OSError, match="the power went"):
        open_store(url)
    assert tables_of(tmp_path / "old.db") == before
    monkeypatch.undo()
    assert read_measurements(url) == (OTHER, MEASUREMENT)


@pytest.mark.servers
def test_two_that_come_to_a_new_database_at_once_both_find_it_ready(url: str) -> None:
    script = "import sys; from advisor.store import open_store; open_store(sys.argv[1]).close()"
    both = [subprocess.Popen([sys.executable, "-c", script, url]) for _ in range(3)]
    assert [process.wait() for process in both] == [0, 0, 0]
    with open_store(url) as store:
        assert store.campaigns() == ()


def test_the_file_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
        store.add_result(result_of(CELLS[0], "run-1"), accept=True)
        assert (tmp_path / "new.db-wal").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["new.db"]
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_up_to_date_database_is_opened_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    open_store(url).close()
    script = "import sys, advisor.store as s; s.open_store(sys.argv[1]).runs(); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script, url], check=False).returncode == 0


def test_a_quick_look_loads_no_sqlalchemy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    open_store(url).close()
    script = (
        "import sys, advisor.store as s; s.read_runs(sys.argv[1]); s.read_measurements(sys.argv[1]); "
        "sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script, url], check=False).returncode == 0
