"""Options of `advisor demo-engine` become a question, or one line that says what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run

if TYPE_CHECKING:
    from tests.fakes import FakeUseCases

DEPLOYED = ["demo-engine", "--model", "diffusiongemma", "--gpu", "h100"]


def test_options_say_what_is_simulated_and_where(usecases: FakeUseCases) -> None:
    served = ["--served-model-name", "mine", "--host", "::1", "--port", "0", "--speed", "10", "--seed", "3"]
    limited = ["--slots", "4", "--max-num-batched-tokens", "2048", "--tensor-parallel", "2", "--precision", "fp8"]
    assert run([*DEPLOYED, *served, *limited]) == 0
    asked = usecases.calls["demo_engine"]["question"]
    assert (asked.served_name, asked.host, asked.port, asked.speed, asked.seed) == ("mine", "::1", 0, 10.0, 3)
    assert (asked.max_num_batched_tokens, asked.replica.slots, asked.replica.tensor_parallel) == (2048, 4, 2)


def test_without_options_it_is_real_time_on_this_machine_alone(usecases: FakeUseCases) -> None:
    assert run(DEPLOYED) == 0
    asked = usecases.calls["demo_engine"]["question"]
    assert (asked.served_name, asked.host, asked.port, asked.speed, asked.seed) == ("", "127.0.0.1", 8000, 1.0, 0)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "-1"),
        ("--port", "65536"),
        ("--speed", "0"),
        ("--speed", "nan"),
        ("--speed", "5000"),
        ("--seed", "-1"),
        ("--max-num-batched-tokens", "0"),
        ("--slots", "0"),
    ],
)
def test_a_value_out_of_range_is_named_in_one_line(
    usecases: FakeUseCases, option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*DEPLOYED, option, value]) == 2
    assert f"error: {option}: " in capsys.readouterr().err
    assert "demo_engine" not in usecases.calls
