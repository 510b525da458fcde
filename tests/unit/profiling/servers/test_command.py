"""From a deployment to a command line."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.campaign import ServedDeployment, ServerKind
from advisor.domain.model import Precision
from advisor.profiling.servers.command import CannotStartError, Command, NotInstalledError, command_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    path = tmp_path / "bin" / "vllm"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def made(engine: Path | str, canvas_tokens: int | None = None, **fields: Any) -> Command:
    given = {
        "model": "gemma-4-26b-a4b",
        "gpu": "h100-sxm-80gb",
        "checkpoint": "a/checkpoint",
        "executable": str(engine),
    }
    return command_of(ServedDeployment(**{**given, **fields}), port=8123, canvas_tokens=canvas_tokens)


def value_of(command: Command, flag: str) -> str:
    return command.arguments[command.arguments.index(flag) + 1]


def test_vllm_serves_the_checkpoint_at_our_address_under_the_name_of_the_model(engine: Path) -> None:
    command = made(engine, tensor_parallel=2)
    assert command.arguments[:3] == (str(engine), "serve", "a/checkpoint")
    assert value_of(command, "--served-model-name") == command.served_name == "gemma-4-26b-a4b"
    assert (value_of(command, "--host"), value_of(command, "--port")) == ("127.0.0.1", "8123")
    assert value_of(command, "--tensor-parallel-size") == "2"


def test_slots_and_token_budget_are_flags_only_where_they_are_given(engine: Path) -> None:
    sized = made(engine, max_num_seqs=64, max_num_batched_tokens=8192)
    assert (value_of(sized, "--max-num-seqs"), value_of(sized, "--max-num-batched-tokens")) == ("64", "8192")
    assert "--max-num-seqs" not in made(engine).arguments


def test_a_flag_that_is_true_stands_alone_and_one_that_is_false_is_negated(engine: Path) -> None:
    words = made(engine, flags={"enforce-eager": True, "enable_prefix_caching": False, "seed": 7}).arguments
    assert "--enforce-eager" in words
    assert "--no-enable-prefix-caching" in words
    assert words[words.index("--seed") + 1] == "7"
    assert "True" not in words


def test_flags_of_a_campaign_win_over_fields(engine: Path) -> None:
    command = made(engine, max_num_seqs=64, flags={"max_num_seqs": 200})
    assert command.arguments.count("--max-num-seqs") == 1
    assert value_of(command, "--max-num-seqs") == "200"
    assert command.sizes["max-num-seqs"] == 200


@pytest.mark.parametrize("flag", ["port", "--host", "served_model_name"])
def test_a_campaign_cannot_move_the_server_away(engine: Path, flag: str) -> None:
    with pytest.raises(CannotStartError, match="set by the profiler"):
        made(engine, flags={flag: "x"})


@pytest.mark.parametrize(("slots", "said"), [(None, "is not set"), (128, "128 is too many"), (200, "200 is too many")])
def test_slots_of_block_diffusion_that_would_silently_become_eight_are_refused(
    engine: Path, slots: int | None, said: str
) -> None:
    with pytest.raises(CannotStartError, match=said):
        made(engine, canvas_tokens=256, max_num_seqs=slots)


def test_127_slots_of_block_diffusion_are_kept(engine: Path) -> None:
    assert value_of(made(engine, canvas_tokens=256, max_num_seqs=127), "--max-num-seqs") == "127"


def test_slots_forced_through_flags_are_passed_on_whatever_becomes_of_them(engine: Path) -> None:
    command = made(engine, canvas_tokens=256, flags={"max-num-seqs": 200})
    assert value_of(command, "--max-num-seqs") == "200"


def test_a_drafter_is_not_left_out_silently(engine: Path) -> None:
    with pytest.raises(CannotStartError, match="drafter mtp"):
        made(engine, speculative="mtp")
    assert made(engine, speculative="mtp", flags={"speculative-config": "{}"}).arguments[-2:] == (
        "--speculative-config",
        "{}",
    )


def test_a_deployment_without_checkpoint_is_refused(engine: Path) -> None:
    with pytest.raises(CannotStartError, match="no checkpoint"):
        made(engine, checkpoint="")


def test_a_command_that_is_not_there_is_named_with_what_to_do() -> None:
    with pytest.raises(NotInstalledError, match=r"nowhere/vllm: no such command on .*; .* `executable:`"):
        made("nowhere/vllm")


def test_the_engine_is_found_on_the_path_of_the_campaign(engine: Path) -> None:
    command = made("", env={"PATH": str(engine.parent)})
    assert command.arguments[0] == str(engine)


def test_a_command_may_have_words_before_serve(engine: Path) -> None:
    assert made(f"'{engine}' run vllm").arguments[:4] == (str(engine), "run", "vllm", "serve")


def test_what_stands_beside_the_engine_is_found_first(engine: Path) -> None:
    assert made(engine).env["PATH"].split(os.pathsep)[0] == str(engine.parent)


def test_the_server_gets_our_environment_but_for_our_own_key(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    monkeypatch.setenv("VLLM_API_KEY", "for-somebody-else")
    command = made(engine, env={"VLLM_USE_FLASHINFER_SAMPLER": "0"})
    assert command.env["CUDA_VISIBLE_DEVICES"] == "3"
    assert command.env["VLLM_USE_FLASHINFER_SAMPLER"] == "0"
    assert "VLLM_API_KEY" not in command.env
    assert command.api_key == ""


def test_a_key_of_the_campaign_is_used_and_never_shown(engine: Path) -> None:
    command = made(engine, flags={"api-key": "open-sesame"})
    assert command.api_key == "open-sesame"
    assert "open-sesame" in command.arguments
    assert "open-sesame" not in command.shown()
    assert command.shown()[-1] == "***"
    assert made(engine, env={"VLLM_API_KEY": "open-sesame"}).api_key == "open-sesame"


def test_the_demo_engine_is_run_by_our_own_python() -> None:
    command = made("", server=ServerKind.DEMO, precision=Precision.FP8, max_num_seqs=32, flags={"speed": 10})
    assert command.arguments[:4] == (sys.executable, "-m", "advisor", "demo-engine")
    wanted = {"model": "gemma-4-26b-a4b", "gpu": "h100-sxm-80gb", "precision": "fp8", "speed": "10", "port": "8123"}
    assert {name: value_of(command, f"--{name}") for name in wanted} == wanted
    assert value_of(command, "--max-num-seqs") == "32"
    assert "--speculative" not in command.arguments
