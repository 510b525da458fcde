"""A simulation in the words of the command line is the question that the command itself asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.cli.asked_simulation import simulation_in
from advisor.errors import InputError
from tests.shipped import ROOT

if TYPE_CHECKING:
    from tests.fakes import FakeUseCases

TRACE = str(ROOT / "traces" / "azure-conversation-2023.csv")


@pytest.mark.parametrize(
    "words",
    [
        "--model m --gpu g --qps 5",
        "--model m --gpu g --qps 5 --replicas 3 --burstiness 4 --requests 500 --seed 7",
        "--model m --gpu g --qps 5 --daily-profile servegen-reason-deepseek-r1-day --slo e2e:p99<4s",
        f"--model m --gpu g --qps 5 --trace {TRACE}",
    ],
)
def test_words_and_command_ask_the_same(words: str, usecases: FakeUseCases) -> None:
    assert run(["simulate", *words.split()]) == 0
    assert simulation_in(words.split()) == usecases.calls["simulate"]["question"]


@pytest.mark.parametrize(
    "words", ["--model m --gpu g --qps many", "--no-such-option", "--model m --gpu g --qps 5 --requests 3"]
)
def test_words_that_cannot_be_read_are_an_expected_failure(words: str) -> None:
    with pytest.raises(InputError):
        simulation_in(words.split())
