"""Wrong questions put to the real use cases: one line says what is wrong, and nothing else happens."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from tests.shipped import NO_DATABASE, ROOT

if TYPE_CHECKING:
    from pathlib import Path

TRACE = "t_s,input_tokens,output_tokens\n0,100,20\n1.5,80,30\n"


@dataclass
class Asking:
    """Puts a question with an output file, and hands back what was said about it."""

    capsys: pytest.CaptureFixture[str]
    folder: Path

    def refused(self, command: str, *more: str, code: int = 2) -> str:
        """Return error and hint of a question that must fail with a code and leave nothing behind."""
        output = self.folder / "answer.json"
        arguments = [*command.split(), *more, "--output", str(output)]
        if command.startswith(("recommend", "estimate")):
            arguments += ["--db", NO_DATABASE]
        assert run(arguments) == code
        captured = self.capsys.readouterr()
        error, *hints = captured.err.splitlines()
        assert error.startswith("error: ")
        assert len(hints) <= 1
        assert all(hint.startswith("hint: ") for hint in hints)
        assert "Traceback" not in captured.err
        assert not captured.out
        assert not output.exists()
        return captured.err

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def asking(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Asking:
    return Asking(capsys, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "unknown", "closest"),
    [
        ("recommend --qps 5 --gpus h10-sxm", "unknown GPU 'h10-sxm'", "h100-sxm-80gb"),
        ("recommend --qps 5 --gpus h100,tpu-v6", "unknown GPU 'tpu-v6'", ""),
        ("recommend --qps 5 --gpu-cost l41s=2", "unknown GPU 'l41s'", "l40s-48gb"),
        ("recommend --qps 5 --models gema-4-26b", "unknown model 'gema-4-26b'", "gemma-4-26b-a4b"),
        ("recommend --qps 5 --models difusiongemma", "unknown model 'difusiongemma'", "diffusiongemma-26b-a4b"),
        ("recommend --qps 5 -w chatt", "unknown workload 'chatt'", "chat"),
        ("recommend --qps 5 --min-quality mmlu-por=75", "unknown benchmark 'mmlu-por'", "mmlu-pro"),
        ("estimate --model gema --gpu h100", "unknown model 'gema'", "gemma-4-26b-a4b"),
        ("estimate --model gemma-4-26b --gpu h10x", "unknown GPU 'h10x'", "h100-sxm-80gb"),
        ("estimate --model gemma-4-26b --gpu h100 --speculative eagle", "unknown drafter 'eagle'", "mtp"),
        ("prices --gpus h10x", "unknown GPU 'h10x'", "h100"),
    ],
)
def test_an_unknown_name_comes_with_the_closest_ones(
    asking: Asking, arguments: str, unknown: str, closest: str
) -> None:
    said = asking.refused(arguments)
    assert f"error: {unknown}\n" in said
    assert closest in said.partition("hint: ")[2]


@pytest.mark.parametrize(
    "arguments",
    ["estimate --model gemma --gpu h100", "estimate --model gemma-4-26b --gpu a100"],
)
def test_an_ambiguous_name_says_what_it_could_be(asking: Asking, arguments: str) -> None:
    assert "could be" in asking.refused(arguments)


@pytest.mark.parametrize("load", ["0", "-1", "nan", "inf", "-inf", "many", "1e400", "5qps", "1e-300"])
def test_a_load_that_is_none_is_refused(asking: Asking, load: str) -> None:
    assert "--qps" in asking.refused("recommend", "--qps", load)


@pytest.mark.parametrize("load", ["1e-3", "1e-6"])
def test_a_tiny_load_is_answered(capsys: pytest.CaptureFixture[str], load: str) -> None:
    assert run(["recommend", "--qps", load, "--gpus", "h100-sxm", "--db", NO_DATABASE, "-f", "json"]) == 0
    assert capsys.readouterr().out.startswith("{")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (
            "name: mine\ncontent: chat\ninput: {mean_tokens: -3}\noutput: {mean_tokens: 5}\n",
            ":3: field input.mean_tokens",
        ),
        ("name: mine\ncontent: poetry\ninput: {mean_tokens: 3}\noutput: {mean_tokens: 5}\n", ":2: field content"),
        ("name: mine\ncontent: chat\ninput: {mean: 3}\noutput: {mean_tokens: 5}\n", ":3: field input.mean"),
        ("name: mine\ncontent: chat\nspeed: 3\ninput: {mean_tokens: 3}\noutput: {mean_tokens: 5}\n", ":3: field speed"),
        ("name: mine\ncontent: [chat\n", ":3:1: cannot be read as YAML"),
        ("name: mine\nname: yours\n", ":2:1: cannot be read as YAML: the key 'name' stands twice"),
        ("- a\n- b\n", ":1: is not a mapping"),
        ("", ":1: is not a mapping"),
        ("name: mine\ncontent: chat\n", "needs either input and output, or pairs"),
    ],
)
@pytest.mark.parametrize("command", ["recommend --qps 5", "estimate --model diffusiongemma --gpu h100"])
def test_a_malformed_workload_is_named_with_its_line(asking: Asking, command: str, text: str, about: str) -> None:
    path = asking.file("mine.yaml", text)
    said = asking.refused(command, "-w", path)
    assert said.startswith(f"error: {path}")
    assert about in said


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("t_s,input_tokens,output_tokens\n0,10,-5\n", ":2: column output_tokens"),
        ("t_s,input_tokens,output_tokens\n0,0,5\n", ":2: column input_tokens"),
        ("t_s,input_tokens,output_tokens\n0,1.5,5\n", ":2: column input_tokens"),
        ("t_s,input_tokens,output_tokens\n0,many,5\n", ":2: column input_tokens"),
        ("t_s,input_tokens,output_tokens\n5,10,5\n1,10,5\n", ":3: column t_s: 1 comes after 5"),
        ("t_s,input_tokens,output_tokens\nnoon,10,5\n", ":2: column t_s"),
        ("t_s,input_tokens\n0,10\n", ":1: column output_tokens: is missing"),
        ("t_s,input_tokens,output_tokens\n0,10\n", ":2: has 2 values under 3 columns"),
        ("t_s,input_tokens,output_tokens\n", ":1: has no requests"),
        ("", ":1: is empty"),
    ],
)
def test_a_malformed_trace_is_named_with_its_line_and_column(asking: Asking, text: str, about: str) -> None:
    path = asking.file("trace.csv", text)
    assert asking.refused("recommend --qps 5", "--trace", path).startswith(f"error: {path}{about}")


def test_a_file_that_is_not_there_is_named(asking: Asking) -> None:
    missing = str(asking.folder / "none.yaml")
    assert f"{missing}: no such file" in asking.refused("recommend --qps 5", "-w", missing)
    assert "none.csv" in asking.refused("recommend --qps 5", "--trace", str(asking.folder / "none.csv"))


def test_a_folder_is_no_trace(asking: Asking) -> None:
    assert "--trace" in asking.refused("recommend --qps 5", "--trace", str(asking.folder))


@pytest.mark.parametrize(
    ("column", "cell", "about"),
    [
        ("as_of", "", "column as_of: is empty"),
        ("as_of", "yesterday", "column as_of"),
        ("price_usd_per_hour", "0", "column price_usd_per_hour: should be greater than 0"),
        ("price_usd_per_hour", "-1", "column price_usd_per_hour: should be greater than 0"),
        ("price_usd_per_hour", "free", "column price_usd_per_hour"),
        ("source_url", "hearsay", "column source_url"),
        ("gpu_count", "0", "column gpu_count: should be greater than 0"),
    ],
)
def test_a_price_without_date_page_or_amount_is_named(asking: Asking, column: str, cell: str, about: str) -> None:
    profiles = asking.folder / "profiles"
    shutil.copytree(ROOT, profiles)
    path = profiles / "prices" / "lambda.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index(column)] = cell
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    said = asking.refused("recommend --qps 5", "--profiles", str(profiles))
    assert said.startswith(f"error: {path}:2: {about}")
    assert "a price needs a date" in said


@pytest.mark.parametrize(
    "broken", ["calibration/constants.yaml", "models/gemma-4-26b-a4b.yaml", "gpus/h100-sxm-80gb.yaml"]
)
def test_a_broken_profile_is_named(asking: Asking, broken: str) -> None:
    profiles = asking.folder / "profiles"
    shutil.copytree(ROOT, profiles)
    (profiles / broken).write_text("name: [\n", encoding="utf-8")
    assert str(profiles / broken) in asking.refused("recommend --qps 5", "--profiles", str(profiles))


def test_profiles_without_a_folder_are_named(asking: Asking) -> None:
    profiles = asking.folder / "profiles"
    shutil.copytree(ROOT, profiles)
    shutil.rmtree(profiles / "gpus")
    assert f"{profiles / 'gpus'}: no such folder" in asking.refused("recommend --qps 5", "--profiles", str(profiles))


@pytest.mark.parametrize("option", ["--isl 800", "--osl 300", "-w chat", "--isl-cv 0.5", "--osl-cv 0.5", "--isl 0"])
def test_a_trace_and_lengths_contradict_each_other(asking: Asking, option: str) -> None:
    path = asking.file("trace.csv", TRACE)
    assert "trace" in asking.refused(f"recommend --qps 5 {option}", "--trace", path)


@pytest.mark.parametrize(
    ("option", "about"),
    [
        ("--steps 0", "--steps"),
        ("--steps -3", "--steps"),
        ("--steps nan", "--steps"),
        ("--steps 49", "--steps 49: diffusiongemma-26b-a4b takes at most 48"),
        ("--cache-hit 1.5", "--cache-hit"),
        ("--cache-hit 1", "--cache-hit"),
        ("--cache-hit -0.1", "--cache-hit"),
        ("--isl 0", "--isl"),
        ("--isl -5", "--isl"),
        ("--isl inf", "--isl"),
        ("--osl 0", "--osl"),
        ("--osl nan", "--osl"),
        ("--isl-cv -1", "--isl"),
        ("--osl-cv nan", "--osl"),
        ("--content poetry", "unknown content 'poetry'"),
    ],
)
@pytest.mark.parametrize("command", ["recommend --qps 5", "estimate --model diffusiongemma --gpu h100"])
def test_a_workload_that_cannot_be_is_refused(asking: Asking, command: str, option: str, about: str) -> None:
    assert about in asking.refused(f"{command} {option}").splitlines()[0]


@pytest.mark.parametrize("length", ["--isl 1e6", "--isl 2000000", "--osl 1e9"])
def test_a_length_beyond_every_context_is_told_as_such(asking: Asking, length: str) -> None:
    said = asking.refused(f"recommend --qps 5 {length}", code=3)
    assert "context" in said


@pytest.mark.parametrize(
    ("option", "about"),
    [
        ("--slo e2e<4s", "'e2e<4s'"),
        ("--slo e2e:p95<4h", "'4h'"),
        ("--slo foo:p95<4s", "'foo:p95<4s'"),
        ("--slo e2e:p100<4s", "'e2e:p100<4s'"),
        ("--slo e2e:p95<4s;ttft", "'ttft'"),
        ("--e2e fast", "'fast'"),
        ("--e2e -4s", "'-4s'"),
        ("--ttft 0", "'0'"),
        ("--e2e 4s --percentile p100", "'p100'"),
        ("--e2e 4s --percentile median", "'median'"),
    ],
)
def test_an_objective_that_cannot_be_read_is_quoted(asking: Asking, option: str, about: str) -> None:
    assert about in asking.refused(f"recommend --qps 5 {option}").splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        ("--qps 5 --price-basis 3y --gpus l4", "no price of the asked basis is known"),
        ("--qps 5 --price-basis owned", "no price of the asked basis is known"),
        ("--qps 1e5 --max-gpus 1", "within 1 GPU"),
        ("--qps 5 --e2e 10ms", "even without load"),
        ("--qps 5 --models diffusiongemma --gpus mi300x", "block diffusion"),
        ("--qps 5 --models diffusiongemma --precision int4", "int4"),
        ("--qps 5 --min-quality mmlu-pro=99", "asked for 99"),
    ],
)
def test_what_nothing_meets_ends_with_3_and_the_reason(asking: Asking, arguments: str, about: str) -> None:
    assert about in asking.refused(f"recommend {arguments}", code=3)


@pytest.mark.parametrize(
    ("arguments", "code", "about"),
    [
        ("--model gemma-4-26b --gpu h100 --tp 3", 3, "tensor parallelism of 3 is not on offer"),
        ("--model diffusiongemma --gpu mi300x", 3, "block diffusion"),
        ("--model diffusiongemma --gpu h100 --speculative mtp", 2, "has no drafter"),
        ("--model gemma-4-26b --gpu h100 --concurrency 0", 2, "--concurrency"),
        ("--model gemma-4-26b --gpu h100 --concurrency few", 2, "--concurrency"),
        ("--model gemma-4-26b --gpu h100 --slots 0", 2, "--slots"),
        ("--model gemma-4-26b --gpu h100 --tp 0", 2, "--tensor-parallel"),
        ("--gpu h100", 2, "--model"),
        ("--model gemma-4-26b", 2, "--gpu"),
    ],
)
def test_an_estimate_that_cannot_be_made_is_refused(asking: Asking, arguments: str, code: int, about: str) -> None:
    assert about in asking.refused(f"estimate {arguments}", code=code)


@pytest.mark.parametrize(
    ("option", "value"), [("--slo", ";"), ("--models", ","), ("--gpus", ","), ("--e2e", ""), ("--workload", "")]
)
def test_an_option_that_says_nothing_is_not_taken_for_the_default(asking: Asking, option: str, value: str) -> None:
    assert option in asking.refused("recommend --qps 5", option, value)


def test_an_answer_of_yesterday_survives_a_failure(asking: Asking) -> None:
    kept = asking.folder / "kept.json"
    kept.write_text("yesterday's", encoding="utf-8")
    assert run(["recommend", "--qps", "0", "--output", str(kept)]) == 2
    assert kept.read_text(encoding="utf-8") == "yesterday's"
    assert [path.name for path in asking.folder.iterdir()] == ["kept.json"]


def test_a_database_that_cannot_be_read_is_named(asking: Asking) -> None:
    path = asking.file("notes.db", "no database, " * 100)
    assert run(["recommend", "--qps", "5", "--db", f"sqlite:///{path}"]) == 2
    assert asking.capsys.readouterr().err.startswith(f"error: {path}: file is not a database")
