"""`recommend --open` opens a dashboard that is surely ours and shows the same figures, or starts one."""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from advisor.cli import dashboard_server
from advisor.cli.dashboard_notes import noted, notes_folder, running, serves_of
from advisor.cli.dashboard_options import PORT
from advisor.cli.listening import listens
from advisor.cli.options import EvidenceOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.cli.dashboard_notes import Note
    from advisor.cli.dashboard_options import DashboardOptions

LOCAL, FIGURES = "127.0.0.1", "some figures"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where notes are, in a home of nobody."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return notes_folder()


@contextmanager
def listening() -> Iterator[int]:
    """Listen at a port, as a server in this process would, and yield it."""
    with socket.create_server((LOCAL, 0)) as server:
        yield server.getsockname()[1]


def found(serves: str = FIGURES, *, answers: bool = True) -> Note | None:
    return running(serves, answers=lambda _address, _port: answers)


def test_a_dashboard_that_runs_is_found_and_forgotten_at_its_end(folder: Path) -> None:
    with listening() as port:
        with noted(LOCAL, port, FIGURES):
            note = found()
            assert note is not None
            assert (note.pid, note.address, note.port) == (os.getpid(), LOCAL, port)
            assert [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())] == [0o700, 0o600]
        assert list(folder.iterdir()) == []
        assert found() is None


def test_one_that_shows_other_figures_is_none_of_ours() -> None:
    with listening() as port, noted(LOCAL, port, "other figures"):
        assert found() is None


def test_one_whose_port_another_process_has_is_not_taken() -> None:
    with listening() as port, noted(LOCAL, port + 1, FIGURES):
        assert found() is None
    assert not listens(os.getppid(), port)


def test_one_that_does_not_answer_is_not_taken() -> None:
    with listening() as port, noted(LOCAL, port, FIGURES):
        assert found(answers=False) is None


def left_behind(folder: Path, port: int) -> Path:
    """Leave a note whose writer is gone: nobody keeps it locked."""
    with noted(LOCAL, port, FIGURES):
        text = next(folder.iterdir()).read_text(encoding="utf-8")
    path = folder / "dashboard-1.json"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_note_that_a_killed_dashboard_left_is_ignored_and_removed(folder: Path) -> None:
    with listening() as port:
        path = left_behind(folder, port)
        assert found() is None
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606])
def test_a_note_that_others_may_touch_is_not_trusted(folder: Path, mode: int) -> None:
    with listening() as port, noted(LOCAL, port, FIGURES):
        next(folder.iterdir()).chmod(mode)
        assert found() is None


def test_a_folder_that_others_may_write_to_is_not_trusted(folder: Path) -> None:
    with listening() as port, noted(LOCAL, port, FIGURES):
        folder.chmod(0o777)
        assert found() is None
        with noted(LOCAL, port, FIGURES):  # and is served from all the same
            pass


def test_a_note_of_another_user_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as port, noted(LOCAL, port, FIGURES):
        mine = os.getuid()
        monkeypatch.setattr("os.getuid", lambda: mine + 1)
        assert found() is None


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"pid": 1}', json.dumps({"a": "b"})])
def test_a_damaged_note_is_ignored(folder: Path, text: str) -> None:
    with listening() as port, noted(LOCAL, port, FIGURES):
        next(folder.iterdir()).write_text(text, encoding="utf-8")
        assert found() is None


def test_figures_are_the_same_for_the_same_database_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = Path("app.py")
    named, other = f"sqlite:///{tmp_path / 'runs.db'}", "postgresql://me:secret@host/runs"
    assert serves_of(EvidenceOptions(db="sqlite:///runs.db"), script) == serves_of(EvidenceOptions(db=named), script)
    different = [
        EvidenceOptions(),
        EvidenceOptions(db=named),
        EvidenceOptions(db=other),
        EvidenceOptions(db=named, allow_simulated=True),
        EvidenceOptions(db=named, profiles=tmp_path),
    ]
    stamps = [serves_of(data, script) for data in different]
    assert len(set(stamps)) == len(different)
    assert not any("secret" in stamp for stamp in stamps)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses that a browser was sent to, or that were served, in that order."""
    addresses: list[str] = []

    def serve(where: DashboardOptions, _data: EvidenceOptions, *, link: dict[str, str]) -> None:
        addresses.append(f"serves {dashboard_server.address_of(where, link)}")

    monkeypatch.setattr(dashboard_server, "serve", serve)
    monkeypatch.setattr("webbrowser.open", addresses.append)
    return addresses


def test_an_answer_is_opened_in_the_dashboard_that_runs(monkeypatch: pytest.MonkeyPatch, opened: list[str]) -> None:
    data = EvidenceOptions(db="sqlite://")
    monkeypatch.setattr(dashboard_server, "answers", lambda _where: True)
    with listening() as port, noted(LOCAL, port, serves_of(data, dashboard_server.app_script())):
        dashboard_server.show_link({"qps": "20"}, data)
    assert opened == [f"http://{LOCAL}:{port}/?qps=20"]


def test_a_server_of_others_at_the_usual_port_is_left_alone(monkeypatch: pytest.MonkeyPatch, opened: list[str]) -> None:
    monkeypatch.setattr(dashboard_server, "answers", lambda _where: True)
    with listening() as port:
        monkeypatch.setattr(dashboard_server, "PORT", port)
        dashboard_server.show_link({"qps": "20"}, EvidenceOptions(db="sqlite://"))
    (address,) = opened
    assert address.startswith(f"serves http://{LOCAL}:")
    assert f":{port}/" not in address


def test_the_usual_port_is_taken_where_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard_server, "check_free", lambda _address, _port: None)
    assert dashboard_server.free_port() == PORT
