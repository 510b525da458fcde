"""`recommend --open` opens a dashboard that is surely ours and shows the same figures, or starts one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import webbrowser
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from advisor.cli import dashboard_server, dashboard_started
from advisor.cli.dashboard_notes import noted, notes_folder, running, serves_of
from advisor.cli.dashboard_options import PORT, DashboardOptions
from advisor.cli.dashboard_started import once_serving
from advisor.cli.listening import listens
from advisor.cli.options import EvidenceOptions
from advisor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from advisor.cli.dashboard_notes import Note

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


def dashboard_at(port: int, serves: str = FIGURES) -> AbstractContextManager[DashboardOptions]:
    """Have the note of a dashboard of this process lie there, served or not."""
    return noted(lambda _taken: DashboardOptions(address=LOCAL, port=port), serves)


def found(serves: str = FIGURES, *, answers: bool = True) -> Note | None:
    return running(serves, answers=lambda _address, _port: answers)


def test_a_dashboard_that_runs_is_found_and_forgotten_at_its_end(folder: Path) -> None:
    with listening() as port:
        with dashboard_at(port):
            note = found()
            assert note is not None
            assert (note.pid, note.address, note.port) == (os.getpid(), LOCAL, port)
            assert [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())] == [0o700, 0o600]
        assert list(folder.iterdir()) == []
        assert found() is None


def test_one_that_shows_other_figures_is_none_of_ours() -> None:
    with listening() as port, dashboard_at(port, "other figures"):
        assert found() is None


def test_one_whose_port_another_process_has_is_not_taken() -> None:
    with listening() as port, dashboard_at(port + 1):
        assert found() is None
    assert not listens(os.getppid(), port)


def test_one_that_does_not_answer_is_not_taken() -> None:
    with listening() as port, dashboard_at(port):
        assert found(answers=False) is None


def left_behind(folder: Path, port: int) -> Path:
    """Leave a note whose writer is gone: nobody keeps it locked."""
    with dashboard_at(port):
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
    with listening() as port, dashboard_at(port):
        next(folder.iterdir()).chmod(mode)
        assert found() is None


def test_a_folder_that_others_may_write_to_is_not_trusted(folder: Path) -> None:
    with listening() as port, dashboard_at(port):
        folder.chmod(0o777)
        assert found() is None
        with dashboard_at(port):  # and is served from all the same
            pass


def test_a_note_of_another_user_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as port, dashboard_at(port):
        mine = os.getuid()
        monkeypatch.setattr("os.getuid", lambda: mine + 1)
        assert found() is None


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"pid": 1}', json.dumps({"a": "b"})])
def test_a_damaged_note_is_ignored(folder: Path, text: str) -> None:
    with listening() as port, dashboard_at(port):
        next(folder.iterdir()).write_text(text, encoding="utf-8")
        assert found() is None


@pytest.mark.parametrize(
    ("text", "old", "left"), [("no JSON", False, 0), ("another host", False, 1), ("another host", True, 0)]
)
def test_notes_that_nobody_keeps_go_those_of_other_hosts_once_they_are_old(
    folder: Path, *, text: str, old: bool, left: int
) -> None:
    path = left_behind(folder, 1)
    said = json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"host": text})
    path.write_text(said if text == "another host" else text, encoding="utf-8")
    if old:
        os.utime(path, (0, 0))
    assert found() is None
    assert len(list(folder.iterdir())) == left


@pytest.mark.parametrize(("module", "call", "number"), [(fcntl, "flock", errno.ENOLCK), (os, "write", errno.ENOSPC)])
def test_a_dashboard_is_served_where_its_note_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, folder: Path, module: object, call: str, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(module, call, refuse)
        with dashboard_at(PORT) as where:
            assert (where.port, list(folder.iterdir())) == (PORT, [])


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
    monkeypatch.setattr(dashboard_server, "_show", lambda *given: addresses.append(f"serves {given[-1]}"))
    monkeypatch.setattr("webbrowser.open", addresses.append)
    return addresses


@contextmanager
def one_that_still_starts(monkeypatch: pytest.MonkeyPatch, port: int) -> Iterator[None]:
    """Have another process start a dashboard of other figures: it has its note, and does not listen yet."""
    with monkeypatch.context() as patch, ExitStack() as stack:
        patch.setattr("os.getpid", lambda: 1)
        stack.enter_context(dashboard_at(port, "other figures"))
        patch.undo()
        yield


def test_an_answer_is_opened_in_the_dashboard_that_runs(monkeypatch: pytest.MonkeyPatch, opened: list[str]) -> None:
    data = EvidenceOptions(db="sqlite://")
    monkeypatch.setattr(dashboard_server, "answers", lambda _where: True)
    with listening() as port, dashboard_at(port, serves_of(data, dashboard_server.app_script())):
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
    assert dashboard_server.first_free(frozenset()).port == PORT


def test_the_port_of_a_dashboard_that_still_starts_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    monkeypatch.setattr(dashboard_server, "check_free", lambda _address, _port: None)
    with one_that_still_starts(monkeypatch, PORT):
        dashboard_server.show_link({"qps": "20"}, EvidenceOptions(db="sqlite://"))
    assert opened == [f"serves http://{LOCAL}:{PORT + 1}/?qps=20"]


def test_a_port_that_is_asked_for_and_of_one_that_still_starts_is_refused(
    monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    with listening() as port:
        pass
    where = DashboardOptions(address=LOCAL, port=port)
    with one_that_still_starts(monkeypatch, port), pytest.raises(InputError, match="another dashboard of yours"):
        dashboard_server.serve(where, EvidenceOptions(db="sqlite://"), link={})
    assert opened == []


def test_a_browser_is_opened_once_this_very_process_serves(monkeypatch: pytest.MonkeyPatch, opened: list[str]) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    once_serving(lambda: len(waits) == 2, lambda: webbrowser.open("http://here"))
    assert (opened, len(waits)) == (["http://here"], 2)


def test_a_browser_is_not_sent_to_another_process_that_got_the_port(
    monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    monkeypatch.setattr(dashboard_server, "answers", lambda _where: True)
    monkeypatch.setattr(dashboard_started, "LONGEST_WAIT_S", -1.0)
    with listening() as port:
        where = DashboardOptions(address=LOCAL, port=port)
        assert dashboard_server._serves(where)
        monkeypatch.setattr("os.getpid", os.getppid)
        once_serving(lambda: dashboard_server._serves(where), lambda: webbrowser.open("http://there"))
    assert opened == []
