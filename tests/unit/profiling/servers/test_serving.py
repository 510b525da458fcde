"""Serving a deployment, with small scripts in the place of engines."""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from advisor.domain.attempt import Outcome, Stage, WorkerNews
from advisor.profiling.servers import ServerFailed, serving
from advisor.profiling.servers.ports import is_free
from tests.unit.profiling.servers.conftest import SAMPLES, left_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from advisor.domain.campaign import ServedDeployment
    from advisor.profiling.servers import Server


@contextmanager
def served(deployment: ServedDeployment, news: list[WorkerNews] | None = None, **options: Any) -> Iterator[Server]:
    told: list[WorkerNews] = [] if news is None else news
    ids = {"campaign_id": "a-campaign", "server_id": f"a-server-{os.getpid()}"}
    with serving(deployment, **{"tell": told.append, **ids, **options}) as server:
        yield server


def failure_of(deployment: ServedDeployment, **options: Any) -> ServerFailed:
    with pytest.raises(ServerFailed) as failed, served(deployment, **options):
        raise AssertionError
    assert left_of(f"a-server-{os.getpid()}") == set()
    return failed.value


def failed_within(server: Server, seconds: float = 20.0) -> tuple[Outcome, str, str]:
    failure = server.failure(settle_s=seconds)
    assert failure is not None
    return failure


def test_a_server_answers_while_it_is_served_and_is_gone_afterwards(fake: Callable[..., ServedDeployment]) -> None:
    with served(fake()) as server:
        port = int(server.url.rpartition(":")[2])
        with urlopen(f"{server.url}/v1/models") as answer:  # noqa: S310 - our own server
            assert json.load(answer)["data"] == [{"id": server.served_name}]
        assert server.alive()
        assert server.failure() is None
        assert left_of(server.record.id)
    assert not server.alive()
    assert is_free(port)
    assert left_of(server.record.id) == set()


def test_the_record_says_what_was_started_where_and_how_long_it_took(fake: Callable[..., ServedDeployment]) -> None:
    answers = {"/server_info": str(SAMPLES / "gemma_info.json"), "/version": str(SAMPLES / "version.json")}
    with served(fake({"max_num_seqs": 64}, answers=answers)) as server:
        record = server.record
    assert record.outcome is None
    assert record.ready_after_s is not None
    assert record.deployment == "gemma-4-26b-a4b on h100-sxm-80gb, 64 slots"
    assert record.software.engine_version == "0.32.0"
    assert "--max-num-seqs" in record.software.command
    assert record.hardware.hostname == socket.gethostname()
    assert record.effective["max_num_seqs"] == 16
    assert record.detail == "max_num_seqs 64 was asked for, 16 is served"


@pytest.mark.servers
def test_news_tell_the_stages_of_a_start(fake: Callable[..., ServedDeployment], news: list[WorkerNews]) -> None:
    with served(fake(log=["Capturing CUDA graphs (decode, FULL):  40%|##"], late_s=0.6), news):
        pass
    told = [(one.stage, one.text, one.done_share) for one in news]
    assert told[1] == (Stage.LOADING, "capturing CUDA graphs", 0.4)
    assert [stage for stage, _, _ in told] == [Stage.STARTING, Stage.LOADING, Stage.READY, Stage.STOPPING]
    assert {one.deployment for one in news} == {"gemma-4-26b-a4b on h100-sxm-80gb"}


def test_an_engine_that_is_not_installed_is_one_clear_line(fake: Callable[..., ServedDeployment]) -> None:
    failed = failure_of(fake().model_copy(update={"executable": "no-such-engine"}))
    assert failed.outcome is Outcome.CRASHED_AT_START
    assert str(failed).startswith("no-such-engine: no such command on ")
    assert failed.record.outcome is Outcome.CRASHED_AT_START
    assert failed.record.detail == failed.detail


def test_a_full_disk_is_one_clear_line(
    fake: Callable[..., ServedDeployment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    failed = failure_of(fake())
    assert failed.outcome is Outcome.CRASHED_AT_START
    assert failed.detail.startswith("no log can be written: ")


def test_slots_that_would_be_clamped_are_refused_before_anything_starts(fake: Callable[..., ServedDeployment]) -> None:
    failed = failure_of(fake({"max_num_seqs": 200}), canvas_tokens=256)
    assert failed.outcome is Outcome.REFUSED
    assert "200 is too many" in failed.detail


def test_refused_flags_are_told_by_the_log_whose_tail_is_kept(fake: Callable[..., ServedDeployment]) -> None:
    failed = failure_of(fake(log=["vllm serve: error: argument --max-num-seqs: invalid int value: 'many'"], exit=2))
    assert failed.outcome is Outcome.REFUSED
    assert failed.detail == "argument --max-num-seqs: invalid int value: 'many'"
    assert (
        failed.log_tail
        == failed.record.log_tail
        == "vllm serve: error: argument --max-num-seqs: invalid int value: 'many'"
    )


def test_want_of_memory_at_start_is_its_own_outcome(fake: Callable[..., ServedDeployment]) -> None:
    failed = failure_of(fake(log=["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."], exit=1))
    assert failed.outcome is Outcome.OUT_OF_MEMORY


@pytest.mark.servers
def test_a_crash_at_start_is_seen_at_once_and_its_orphans_ended(
    fake: Callable[..., ServedDeployment], tmp_path: Path
) -> None:
    failed = failure_of(fake(child=str(tmp_path / "child"), exit=7))
    assert (failed.outcome, failed.detail) == (Outcome.CRASHED_AT_START, "the server ended by itself with exit code 7")


@pytest.mark.servers
def test_a_server_that_is_not_ready_in_time_is_ended(fake: Callable[..., ServedDeployment]) -> None:
    failed = failure_of(fake(log=["Starting to load model x"], mute=True), ready_within_s=0.5)
    assert failed.outcome is Outcome.NOT_READY
    assert failed.detail == "not ready after 0.5 s, while loading weights"
    assert failed.log_tail == "Starting to load model x"


def test_a_port_lost_to_another_is_tried_again_with_a_new_one(
    fake: Callable[..., ServedDeployment], news: list[WorkerNews], tmp_path: Path
) -> None:
    once = tmp_path / "once"
    with served(fake(lose_port_once=str(once)), news) as server:
        assert server.alive()
    ports = [one.text.rpartition(" ")[2] for one in news if one.stage is Stage.STARTING]
    assert len(set(ports)) == 2


@pytest.mark.servers
def test_a_port_that_is_always_lost_is_given_up(fake: Callable[..., ServedDeployment]) -> None:
    failed = failure_of(fake(log=["OSError: [Errno 98] Address already in use"], exit=1))
    assert failed.outcome is Outcome.CRASHED_AT_START
    assert failed.detail.startswith("the port was taken by another process")


def test_a_server_killed_under_load_is_a_crash(fake: Callable[..., ServedDeployment]) -> None:
    with served(fake()) as server:
        os.kill(pid_of(server), signal.SIGKILL)
        outcome, detail, log_tail = failed_within(server)
        assert not server.alive()
    assert outcome is Outcome.CRASHED
    assert detail.startswith("the server was ended by SIGKILL")
    assert log_tail == "listening"


def test_a_dead_engine_behind_a_living_server_is_a_crash(fake: Callable[..., ServedDeployment], tmp_path: Path) -> None:
    with served(fake(sick=str(tmp_path / "sick"))) as server:
        assert server.failure() is None
        (tmp_path / "sick").touch()
        assert server.alive()
        assert server.failure() == (Outcome.CRASHED, "the server runs and its engine is dead", "listening")


@pytest.mark.servers
def test_want_of_memory_under_load_is_told_from_what_was_logged_since(
    fake: Callable[..., ServedDeployment], tmp_path: Path
) -> None:
    trigger = tmp_path / "trigger"
    behaves = {"log": ["CUDA out of memory was feared and did not happen"], "die_when": str(trigger)}
    with served(fake(**behaves, last_words="torch.OutOfMemoryError: CUDA out of memory.")) as server:
        trigger.touch()
        assert failed_within(server)[0] is Outcome.OUT_OF_MEMORY
    trigger.unlink()
    with served(fake(**behaves, last_words="KeyError: 7")) as server:
        trigger.touch()
        outcome, detail, _ = failed_within(server)
    assert (outcome, detail) == (Outcome.CRASHED, "KeyError: 7; the server ended by itself with exit code 1")


def test_a_healthy_server_on_which_nothing_moves_has_stalled(fake: Callable[..., ServedDeployment]) -> None:
    with served(fake()) as server:
        outcome, detail, _ = server.stalled()
    assert outcome is Outcome.STALLED
    assert "healthy" in detail


@pytest.mark.servers
def test_a_server_that_stopped_answering_has_stalled(
    fake: Callable[..., ServedDeployment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.profiling.servers.serve.HEALTH_TIMEOUT_S", 0.2)
    monkeypatch.setattr("advisor.profiling.servers.serve.DYING_S", 0.2)
    with served(fake()) as server:
        os.kill(pid_of(server), signal.SIGSTOP)
        assert server.stalled()[0] is Outcome.STALLED
        os.kill(pid_of(server), signal.SIGCONT)


def test_a_secret_is_in_no_record(fake: Callable[..., ServedDeployment]) -> None:
    secret = "open-sesame-1234"  # noqa: S105 - it is no secret
    env = {"HF_TOKEN": secret, "FAKE_ENGINE": json.dumps({"log": [f"downloading with {secret}"], "exit": 1})}
    failed = failure_of(fake({"env": env, "flags": {"api-key": secret}}))
    assert secret not in failed.record.model_dump_json()
    assert secret not in failed.log_tail
    assert "downloading with ***" in failed.log_tail


def test_a_failure_in_the_midst_of_measuring_ends_the_server_too(fake: Callable[..., ServedDeployment]) -> None:
    with pytest.raises(ZeroDivisionError), served(fake()) as server:
        raise ZeroDivisionError
    assert not server.alive()
    assert left_of(server.record.id) == set()


def test_a_server_is_ended_even_if_nobody_hears_of_it(fake: Callable[..., ServedDeployment]) -> None:
    def tell(news: WorkerNews) -> None:
        if news.stage is Stage.STOPPING:
            raise ConnectionError

    with pytest.raises(ConnectionError), served(fake(), tell=tell) as server:
        pass
    assert left_of(server.record.id) == set()


@pytest.mark.servers
def test_two_servers_of_one_owner_do_not_disturb_each_other(fake: Callable[..., ServedDeployment]) -> None:
    with served(fake(), server_id="first") as first:
        with served(fake(), server_id="second") as second:
            assert first.url != second.url
        assert first.alive()
        assert not second.alive()


def test_a_failed_start_may_cross_between_processes(fake: Callable[..., ServedDeployment]) -> None:
    failed = failure_of(fake(exit=7))
    again = pickle.loads(pickle.dumps(failed))  # noqa: S301 - our own
    assert (again.outcome, again.detail, again.record) == (failed.outcome, failed.detail, failed.record)


def pid_of(server: Server) -> int:
    pid = server.started.kept.pid
    assert pid is not None
    return pid
