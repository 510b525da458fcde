"""Empty databases to test on: a SQLite file, and a PostgreSQL server of our own where its programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPERUSER = "advisor"


def _program(name: str) -> str:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(places[-1]) if places else None)
    if found is None:
        pytest.skip(f"PostgreSQL's {name} is not installed")
    return found


@dataclass(frozen=True)
class PostgreSQL:
    """A server that listens to nothing but a socket in a folder."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Return the URL of a database that is empty."""
        name = f"test{next(self.numbers)}"
        with self.connected(self.url("postgres")) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def connected(self, url: str) -> Any:
        """Return a connection that needs no commit."""
        import psycopg  # noqa: PLC0415 - only where there is a server

        return psycopg.connect(url, autocommit=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Run a server in a folder of its own. It refuses to be run by root, who hands it to nobody."""
    initdb, pg_ctl, _ = map(_program, ("initdb", "pg_ctl", "postgres"))
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = str(folder / "data")
    settings = f"-c listen_addresses= -c fsync=off -c unix_socket_directories={folder}"

    def run(*command: str) -> None:
        subprocess.run(command, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL)

    try:
        run(initdb, "-D", data, "-U", SUPERUSER, "--auth=trust", "--no-sync", "-E", "UTF8")
        run(pg_ctl, "-D", data, "-l", str(folder / "log"), "-w", "-o", settings, "start")
        yield PostgreSQL(folder)
        run(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database that is empty, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'advisor.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database()
