"""`advisor profile` from its options: what is asked of the use cases, how progress is shown, which code it ends with."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from advisor.cli.app import run
from advisor.cli.campaign_progress import in_words
from advisor.cli.profile import COMMANDS
from advisor.domain.attempt import Outcome
from advisor.domain.campaign import Lengths
from advisor.domain.campaign_plan import CampaignEvent, CampaignStatus, CellState, EventKind
from advisor.domain.load import ClosedLoad, OpenLoad
from tests import samples

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.usecases.profile.driving import Driving
    from advisor.usecases.profile.endpoint import Endpoint

ENDPOINT = "profile run --endpoint http://localhost:8000 --model gemma-4-26b --gpu h100 --isl 200 --osl 100"
EVENT = CampaignEvent(
    event=EventKind.CELL,
    at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    campaign_id="small-1",
    done=2,
    total=3,
    deployment="gemma on h100",
    cell_id="c1",
    cell="gemma on h100, chat, 8 in flight, repeat 1",
    outcome=Outcome.MEASURED,
    valid=True,
    output_tok_s=1234.5,
    e2e_p50_s=2.5,
)


class Asked:
    """Stands for the use cases: remembers what it was asked, tells one event, and answers with a status."""

    def __init__(self, status: CampaignStatus) -> None:
        self.status = status
        self.arguments: tuple[Any, ...] = ()
        self.told: dict[str, Any] = {}

    def __call__(self, *arguments: Any, **told: Any) -> CampaignStatus:
        self.arguments, self.told = arguments, told
        if "watch" in told:
            told["watch"](EVENT)
        return self.status


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    stand_in = Asked(samples.CAMPAIGN_STATUS)
    monkeypatch.setattr("advisor.usecases.profile.endpoint.profile_endpoint", stand_in)
    monkeypatch.setattr("advisor.usecases.profile.driving.run_campaign", stand_in)
    monkeypatch.setattr("advisor.usecases.profile.status.campaign_status", stand_in)
    monkeypatch.setattr("advisor.usecases.profile.status.cancel_campaign", stand_in)
    return stand_in


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.touch()
    return path


def endpoint(asked: Asked, options: str) -> Endpoint:
    assert run(shlex.split(f"{ENDPOINT} {options}")) == 0
    found: Endpoint = asked.arguments[0]
    return found


def refused(options: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(shlex.split(options)) == 2
    captured = capsys.readouterr()
    assert not captured.out
    line: str = captured.err.splitlines()[0]
    return line


def test_levels_and_rates_become_loads(asked: Asked) -> None:
    loads = endpoint(asked, "--concurrency 1,8 --rate 2.5 --burstiness constant").loads
    assert loads == (ClosedLoad(concurrency=1), ClosedLoad(concurrency=8), OpenLoad(rate_rps=2.5, burstiness=0.0))


def test_rules_that_are_not_given_keep_their_default(asked: Asked) -> None:
    rules = endpoint(asked, "-c 1 --max-time 2min --lengths natural").rules
    assert (rules.requests, rules.max_s, rules.lengths, rules.repeats) == (None, 120.0, Lengths.NATURAL, 3)
    assert endpoint(asked, "-c 1 --requests 30").rules.requests == 30


@pytest.mark.parametrize("none", ["0s", "0", "0ms"])
def test_a_server_may_be_measured_without_warm_up(asked: Asked, none: str) -> None:
    assert endpoint(asked, f"-c 1 --warmup {none}").rules.warmup_s == 0.0


def test_a_key_comes_from_the_environment_and_is_not_shown(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_API_KEY", "secret")
    found = endpoint(asked, "-c 1")
    assert found.api_key == "secret"
    assert "secret" not in repr(found)


def test_a_campaign_gets_its_limits_and_its_cluster(asked: Asked, file: Path) -> None:
    assert (
        run(shlex.split(f"profile resume {file} --max-usd 12.50 --max-gpu-hours 3 --address auto --node-wait 5min"))
        == 0
    )
    driving: Driving = asked.told["driving"]
    assert (driving.limits.usd, driving.limits.gpu_hours) == (Decimal("12.50"), 3.0)
    assert (driving.address, driving.node_wait_s, driving.resume) == ("auto", 300.0, True)


@pytest.mark.parametrize("verb", ["status", "cancel"])
def test_other_verbs_take_a_file_or_a_name(verb: str, asked: Asked, file: Path) -> None:
    for which in (str(file), "h100-sweep"):
        assert run(["profile", verb, which, "--db", "sqlite:///x.db"]) == 0
        assert asked.arguments == (which,)
    assert asked.told["database"] == "sqlite:///x.db"


def test_cells_that_are_open_or_failed_decide_the_exit_code(
    asked: Asked, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = {CellState.OPEN: 1, CellState.FAILED: 2, CellState.MEASURED: 0, CellState.FLAGGED: 0}
    asked.status = asked.status.model_copy(update={"counts": counts, "stopped_because": "it was cancelled"})
    assert run(["profile", "run", str(file)]) == 5
    captured = capsys.readouterr()
    assert (
        "error: of 3 cells 2 failed, 1 left open (it was cancelled)\nhint: advisor profile resume goes on"
        in captured.err
    )
    assert captured.out


def test_progress_for_programs_is_one_object_per_line_on_standard_error(
    asked: Asked, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["profile", "run", str(file), "--progress", "json", "-f", "json"]) == 0
    captured = capsys.readouterr()
    assert CampaignEvent.model_validate_json(captured.err.splitlines()[0]) == EVENT
    assert json.loads(captured.out)["campaign_id"] == asked.status.campaign_id


def test_progress_for_readers_is_a_line_per_cell(asked: Asked, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profile", "run", str(file), "--progress", "plain"]) == 0
    line = "[2/3] gemma on h100, chat, 8 in flight, repeat 1: measured, 1,234 output tok/s, e2e p50 2.5 s"
    assert capsys.readouterr().err.splitlines()[0] == line
    assert asked.arguments


def test_a_run_that_does_not_count_says_why() -> None:
    event = EVENT.model_copy(update={"valid": False, "reasons": ("late: the client was late",)})
    assert in_words(event).endswith("does not count (late: the client was late)")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("profile run", "name a campaign file, an answer with --adaptive, or a running server with --endpoint"),
        (ENDPOINT, "missing --concurrency or --rate"),
        (f"{ENDPOINT} -c 0", "--concurrency: input should be greater than 0, got 0"),
        (f"{ENDPOINT} --rate 0", "--rate: input should be greater than 0, got 0.0"),
        (f"{ENDPOINT} -c 1 --burstiness 4", "--burstiness shapes --rate, and there is none"),
        (f"{ENDPOINT} -c 1 --lengths long", "--lengths: input should be 'forced' or 'natural', got 'long'"),
        (f"{ENDPOINT} -c 1 --repeats 0", "--repeats: input should be greater than 0, got 0"),
        (f"{ENDPOINT} -c 1 -n 9 --max-time 1s", "--requests and --max-time exclude each other"),
        (f"{ENDPOINT} -c 1 --warmup -1s", "--warmup: '-1s' is not a positive duration"),
        (f"{ENDPOINT} -c 1 --max-time 0s", "--max-time: '0s' is not a positive duration"),
        (f"{ENDPOINT} -c 1 --progress loud", "unknown way of progress 'loud'"),
        (ENDPOINT.replace("--gpu h100", "") + " -c 1", "missing --gpu"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_wrong_options_are_refused_in_one_line(options: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(options, capsys) == f"error: {said}"


@pytest.mark.usefixtures("asked")
def test_options_of_a_running_server_do_not_go_with_a_campaign(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--requests 1", "--concurrency 1", "--rate 2", "--name x", "--isl 3", "--slots 1", "--tp 2"):
        name = {"--tp": "--tensor-parallel"}.get(option.split()[0], option.split()[0])
        assert refused(f"profile run {file} {option}", capsys) == f"error: {name} is for --endpoint"
    assert refused(f"profile run {file} --endpoint http://x:1", capsys).startswith(
        "error: name a campaign file, an answer"
    )


@pytest.mark.usefixtures("asked")
def test_options_of_a_campaign_do_not_go_with_a_running_server(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--max-usd 3", "--address auto", "--node-wait 5s", "--max-gpu-hours 1"):
        assert refused(f"{ENDPOINT} -c 1 {option}", capsys) == f"error: {option.split()[0]} is for campaigns"


def test_a_key_in_the_environment_does_not_disturb_a_campaign(
    asked: Asked, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_API_KEY", "secret")
    assert run(["profile", "run", str(file)]) == 0
    assert asked.arguments == (file,)


def test_called_without_a_verb_it_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profile"]) == 2
    assert all(f"  {command.name}" in capsys.readouterr().err for command in COMMANDS[:1])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_of_every_verb_teaches(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profile", command.name, "--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {example}" in text for example in command.examples)
    assert "\n    5  " in text


def test_a_job_that_waits_for_a_busy_node_is_a_line_of_its_own() -> None:
    said = "waits for 1 x H100: every node that has that is busy"
    event = CampaignEvent(
        event=EventKind.WAITING, at=EVENT.at, campaign_id="c", done=0, total=3, deployment="g", text=said
    )
    assert in_words(event) == f"[0/3] g: {said}"
