"""Whatever keeps a database from being read or written is one clear line, and nothing that is stored is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from advisor.domain.timing import Phase, RequestTiming
from advisor.errors import DataError, InputError
from advisor.store import open_store, read_measurements, read_runs
from tests.unit.store.filled import CELLS, RECORD, result_of
from tests.unit.store.test_migrations import make_oldest
from tests.unit.store.test_store import MEASUREMENT, OTHER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.store import Store
    from tests.unit.store.conftest import PostgreSQL

ROOT = Path(__file__).parents[3]
FIRST, SECOND, *_ = CELLS
LONG = tuple(RequestTiming(i, Phase.MEASURED, 0.0, 0.0, 0.1, 1.0, 800, 0, 300, 300, 300) for i in range(20_000))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a database with a campaign and one result."""
    folder = tmp_path / "kept 50%25"
    with open_store(f"sqlite:///{folder / 'runs.db'}") as store:
        fill(store)
    return folder / "runs.db"


def fill(store: Store) -> None:
    store.begin_campaign(RECORD, CELLS)
    store.add_result(result_of(FIRST, "run-1"), accept=True)


def assert_unharmed(path: Path) -> None:
    """Assert that what was stored first is there, nothing else, and that the file is sound."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with open_store(f"sqlite:///{path}") as store:
        assert store.accepted(RECORD.id) == {FIRST.id: "run-1"}
        assert [run.id for run in store.runs()] == ["run-1"]


@contextmanager
def unchangeable(path: Path) -> Iterator[None]:
    """Have a file or folder refuse any change, also by root, who may do what permissions forbid."""
    if os.geteuid() != 0:
        mode = path.stat().st_mode
        path.chmod(mode & ~0o222)
        yield
        path.chmod(mode)
        return
    if shutil.which("chattr") is None or subprocess.run(["chattr", "+i", path], check=False).returncode:
        pytest.skip("root can make nothing unchangeable in this file system")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", path], check=True)


def test_a_full_disk_loses_nothing(path: Path) -> None:
    with open_store(f"sqlite:///{path}") as store:
        with store._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 8}")
        with pytest.raises(DataError, match=f"{path}: the disk is full") as caught:
            store.add_result(result_of(SECOND, "run-2", timings=LONG), accept=True)
        assert "what was stored before is unharmed" in caught.value.hint
        assert store.accepted(RECORD.id) == {FIRST.id: "run-1"}
    assert_unharmed(path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_really_full_loses_nothing_and_takes_on_again_when_freed(small_disk: Path) -> None:
    path = small_disk / "runs.db"
    ballast = small_disk / "ballast"
    with open_store(f"sqlite:///{path}") as store:
        fill(store)
        ballast.write_bytes(bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize - 200_000))
        with pytest.raises(DataError, match="the disk is full"):
            store.add_result(result_of(SECOND, "run-2", timings=LONG), accept=True)
        assert store.accepted(RECORD.id) == {FIRST.id: "run-1"}
    assert_unharmed(path)
    ballast.unlink()
    with open_store(f"sqlite:///{path}") as store:
        store.add_result(result_of(SECOND, "run-2"), accept=True)
        assert store.accepted(RECORD.id) == {FIRST.id: "run-1", SECOND.id: "run-2"}


def test_a_disk_that_is_full_from_the_start_is_named(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(1_000_000))
    with pytest.raises(DataError, match=r"the disk is full|disk I/O error"):
        open_store(f"sqlite:///{small_disk / 'runs.db'}")


@pytest.mark.parametrize("sealed", ["file", "folder", "both"])
def test_what_may_only_be_read_is_read(path: Path, sealed: str) -> None:
    url = f"sqlite:///{path}"
    seal: dict[str, Callable[[], Path]] = {"file": lambda: path, "folder": lambda: path.parent}
    with unchangeable(seal.get(sealed, lambda: path)()):
        if sealed == "both":
            with unchangeable(path.parent):
                assert_readable_only(url)
        elif sealed == "folder" and os.geteuid() != 0:
            with unchangeable(path):
                assert_readable_only(url)
        else:
            assert_readable_only(url)
    assert_unharmed(path)


def assert_readable_only(url: str) -> None:
    assert [run.id for run in read_runs(url)] == ["run-1"]
    with open_store(url) as store:
        assert store.campaign("chat-h100") == RECORD
        with pytest.raises(DataError, match="may only be read"):
            store.add_result(result_of(SECOND, "run-2"), accept=True)
        with pytest.raises(DataError, match="may only be read"):
            store.discard("run-1", reason="bad")
        assert store.accepted(RECORD.id) == {FIRST.id: "run-1"}


def test_an_older_schema_that_may_only_be_read_is_read_without_being_changed(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    url = make_oldest(path)
    before = path.read_bytes()
    with unchangeable(path):
        assert read_measurements(url) == (OTHER, MEASUREMENT)
        with open_store(url) as store:
            assert store.measurements() == (OTHER, MEASUREMENT)
            assert store.runs() == ()
            assert store.campaigns() == ()
            with pytest.raises(DataError, match="may only be read"):
                store.begin_campaign(RECORD, CELLS)
    assert path.read_bytes() == before


def test_a_new_database_in_a_folder_that_may_only_be_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir()
    with unchangeable(folder):
        with pytest.raises(DataError, match="unable to open database file"):
            open_store(f"sqlite:///{folder / 'runs.db'}")
        with pytest.raises(DataError, match="cannot make its folder"):
            open_store(f"sqlite:///{folder / 'deeper' / 'runs.db'}")


def test_a_uri_that_only_reads_only_reads(path: Path, tmp_path: Path) -> None:
    url = f"sqlite:///file:{shutil.copy(path, tmp_path / 'copy.db')}?mode=ro&uri=true"
    with open_store(url) as store:
        assert len(store.runs()) == 1
        with pytest.raises(DataError, match="may only be read"):
            store.add([MEASUREMENT])


CRASH = """
import os, sys
from advisor.store import open_store
from tests.unit.store.filled import CELLS, RECORD, result_of
store = open_store(sys.argv[1])
store.begin_campaign(RECORD, CELLS)
store.add_result(result_of(CELLS[0], "run-1"), accept=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """Return a database whose writer was killed, with changes that are only in the log beside it."""
    path = tmp_path / "crashed" / "runs.db"
    subprocess.run([sys.executable, "-c", CRASH, f"sqlite:///{path}"], cwd=ROOT, check=False)
    assert path.with_name("runs.db-wal").stat().st_size > 0
    return path


def test_what_a_killed_process_had_stored_is_there(crashed: Path) -> None:
    assert [run.id for run in read_runs(f"sqlite:///{crashed}")] == ["run-1"]
    assert_unharmed(crashed)


def test_changes_beside_a_file_in_a_sealed_folder_are_not_overlooked(crashed: Path) -> None:
    crashed.with_name("runs.db-shm").unlink()
    with unchangeable(crashed.parent):
        for read in (read_runs, open_store):
            with pytest.raises(DataError, match="has changes in the -wal file beside it"):
                read(f"sqlite:///{crashed}")
    assert_unharmed(crashed)


def test_a_locked_database_can_be_read_and_says_that_it_cannot_be_written(path: Path) -> None:
    url = f"sqlite:///{path}?timeout=0.05"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(read_runs(url)) == 1
        with open_store(url) as store, pytest.raises(DataError, match="is locked by another process"):
            store.add_result(result_of(SECOND, "run-2"), accept=True)
    assert_unharmed(path)


def test_a_new_database_that_another_process_has_locked_is_named(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataError, match="is locked by another process"):
            open_store(f"sqlite:///{path}?timeout=0.05")


@pytest.mark.parametrize("kept", [10, 100, 1000, 4096, 20_000, -4096])
def test_a_truncated_file_is_named_and_not_written(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    assert_damaged(path)


@pytest.mark.parametrize("offset", [0, 16, 100])
def test_garbage_in_the_head_of_a_file_is_named_and_not_written(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset : offset + 2000] = b"\xa5" * 2000
    path.write_bytes(content)
    assert_damaged(path)


def assert_damaged(path: Path) -> None:
    before = path.read_bytes()
    for read in (open_store, read_measurements, read_runs):
        with pytest.raises(DataError, match=r"is damaged|file is not a database"):
            read(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_run_that_is_none_is_named(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET document = '{\"id\": 3}'")
    match = f"{path}: .*ProfiledRun"
    with pytest.raises(DataError, match=match):
        read_runs(f"sqlite:///{path}")
    with open_store(f"sqlite:///{path}") as store, pytest.raises(DataError, match=match):
        store.runs()


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(DataError, match="connection to server"):
        open_store("postgresql://somebody:secret@127.0.0.1:1/runs")


def test_no_message_tells_a_password() -> None:
    for url in ("postgresql://somebody:secret@127.0.0.1:1/runs", "nosuchbase://somebody:secret@host/name"):
        with pytest.raises((DataError, InputError)) as caught:
            open_store(url)
        assert "secret" not in str(caught.value)


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match="needs psycopg") as caught:
        open_store("postgresql://host/name")
    assert caught.value.hint == "pip install 'advisor[postgresql]'"


def test_a_server_whose_user_may_only_read_is_read(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with open_store(url) as store:
        fill(store)
    with postgresql.connected(url) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    reader = url.replace("advisor@", "reader@")
    assert [run.id for run in read_runs(reader)] == ["run-1"]
    with open_store(reader) as store, pytest.raises(DataError, match="permission denied"):
        store.discard("run-1", reason="bad")
