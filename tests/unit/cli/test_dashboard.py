"""`advisor dashboard` and `recommend --open`: where the pages are served, and with which question."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.cli.dashboard_options import DashboardOptions
from advisor.cli.dashboard_server import address_of, app_script, check_free
from advisor.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases


def test_it_listens_to_this_machine_alone_unless_told_otherwise(usecases: FakeUseCases) -> None:
    assert run(["dashboard", "--no-open", "--db", "sqlite:///runs.db"]) == 0
    where, data = usecases.calls["serve"]["where"], usecases.calls["serve"]["data"]
    assert (where.address, where.port, where.no_open) == ("127.0.0.1", 8501, True)
    assert data.db == "sqlite:///runs.db"


def test_an_answer_can_be_opened_as_the_same_question(usecases: FakeUseCases) -> None:
    words = "recommend --qps 20 -w rag --gpus h100,l40s --gpu-cost H100=2.1 --e2e 9s --include-secondary --no-simulate"
    assert run([*words.split(), "--open"]) == 0
    assert usecases.calls["show_link"]["link"] == {
        "qps": "20",
        "workload": "rag",
        "e2e": "9s",
        "gpus": "h100,l40s",
        "gpu-cost": "H100=2.1",
        "include-secondary": "yes",
    }


def test_a_simulated_answer_is_simulated_there_too(usecases: FakeUseCases) -> None:
    assert run(["recommend", "--qps", "20", "--open"]) == 0
    assert usecases.calls["show_link"]["link"] == {"qps": "20", "simulate": "yes"}


def test_of_a_file_of_this_machine_a_link_tells_the_name_alone(
    usecases: FakeUseCases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "trace.csv"
    trace.touch()
    assert run(["recommend", "--qps", "20", "--trace", str(trace), "--open"]) == 0
    assert usecases.calls["show_link"]["link"] == {"qps": "20", "trace": "trace.csv", "simulate": "yes"}
    assert "does not take --trace from a link" in capsys.readouterr().err


def test_options_without_an_input_there_are_named(usecases: FakeUseCases, capsys: pytest.CaptureFixture[str]) -> None:
    words = "recommend --qps 5 --seed 3 --draws 100 --max-price-age 60 --top-n 3 --no-simulate --open"
    assert run(words.split()) == 0
    assert usecases.calls["show_link"]["link"] == {
        "qps": "5",
        "seed": "3",
        "draws": "100",
        "top-n": "3",
        "left-out": "max-price-age",
    }
    assert "does not take --max-price-age from a link" in capsys.readouterr().err


def test_a_workload_of_a_file_is_no_shipped_name_and_is_left_out(usecases: FakeUseCases, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("name: own\ntitle: Own\ncontent: chat\ninput: {mean_tokens: 800}\noutput: {mean_tokens: 300}\n")
    assert run(["recommend", "--qps", "5", "-w", str(own), "--no-simulate", "--open"]) == 0
    assert usecases.calls["show_link"]["link"] == {"qps": "5", "left-out": "workload"}


def test_the_address_is_the_question() -> None:
    where = DashboardOptions(port=8600, address="0.0.0.0")  # noqa: S104 - only written down
    assert address_of(where, {"qps": "20", "e2e": "9 s"}) == "http://127.0.0.1:8600/?qps=20&e2e=9+s"


def test_a_port_that_is_taken_is_named_with_another_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"cannot listen on 127.0.0.1:{port}") as refused:
            check_free("127.0.0.1", port)
    assert f"--port {port + 1}" in refused.value.hint


@pytest.mark.parametrize(
    ("number", "hint"),
    [(errno.EADDRNOTAVAIL, "--address takes an address of this machine"), (errno.EACCES, "ports below 1024")],
)
def test_what_helps_depends_on_what_is_wrong(monkeypatch: pytest.MonkeyPatch, number: int, hint: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(InputError, match="cannot listen on") as refused:
        check_free("192.0.2.1", 80)
    assert refused.value.hint.startswith(hint)


def test_the_pages_are_found() -> None:
    assert app_script().name == "app.py"
