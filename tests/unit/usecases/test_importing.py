"""From files of other tools to runs in the database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from advisor.catalog.results import FORMATS, Told
from advisor.domain.model import Content
from advisor.errors import AdvisorError, InputError
from advisor.store import open_store
from advisor.usecases.keeping import discard_run, list_runs
from advisor.usecases.results.exporting import export_campaign
from tests.runs import DIFFUSION, GEMMA, H100
from tests.unit.catalog.results.told import SAMPLES, sample, written
from tests.unit.usecases.imports import DAY, DETAILED, ENOUGH, bring, codes, only, runs_of, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def rounded(value: Any) -> Any:
    """Return a JSON value whose figures have nine digits, so that the last bits of a machine do not matter."""
    match value:
        case float():
            return float(f"{value:.9g}")
        case dict():
            return {name: rounded(part) for name, part in value.items()}
        case list():
            return [rounded(part) for part in value]
        case _:
            return value


@pytest.mark.parametrize("name", ["vllm-bench", "vllm-sweep", "guidellm", "aiperf", "genai-bench"])
def test_what_is_made_of_each_tool_is_the_golden_one(name: str, assert_golden: Callable[[str, str], None]) -> None:
    found = runs_of(SAMPLES / name, given=Told(gpu="h100", content=Content.CHAT, measured_at=DAY))
    whole = [rounded(run.model_dump(mode="json", exclude_defaults=True)) for run in found]
    assert_golden(f"results/{name}.runs.json", json.dumps(whole, indent=1) + "\n")


def test_what_is_made_of_plain_csv_is_the_golden_one(assert_golden: Callable[[str, str], None]) -> None:
    found = runs_of(SAMPLES / "plain.csv", given=Told(model=GEMMA, gpu="h100", workload="chat", measured_at=DAY))
    whole = [rounded(run.model_dump(mode="json", exclude_defaults=True)) for run in found]
    assert_golden("results/csv.runs.json", json.dumps(whole, indent=1) + "\n")


def test_every_format_has_a_golden_sample() -> None:
    assert {path.name.removesuffix(".runs.json") for path in SAMPLES.glob("*.runs.json")} == {f.name for f in FORMATS}


def test_rates_are_those_of_full_load_where_requests_are_listed() -> None:
    run, told = only(DETAILED), sample("vllm-bench/detailed.json")
    assert run.figures.in_flight_mean == pytest.approx(4.0, abs=0.05)
    assert run.figures.request_rate_rps > told["request_throughput"]
    assert run.figures.duration_s == pytest.approx(max(told["start_times"]) - sorted(told["start_times"])[3])
    assert run.figures.ntpot_ms is not None
    per_token = [s / n * 1e3 for s, n in zip(told["latencies"], told["output_lens"], strict=True)]
    assert run.figures.ntpot_ms.mean == pytest.approx(sum(per_token) / 16)
    assert "whole_run" not in codes(run.verdict.flags)


def test_rates_of_a_summary_are_flagged_as_those_of_the_whole_run() -> None:
    run = runs_of(SAMPLES / "genai-bench" / "normal")[0]
    assert run.figures.request_rate_rps == pytest.approx(10.996, abs=1e-3)
    assert "whole_run" in codes(run.verdict.flags)


def test_a_statistic_that_a_summary_lacks_stays_unknown() -> None:
    run = runs_of(SAMPLES / "vllm-bench" / "appended.jsonl")[0]
    assert run.figures.ttft_ms is not None
    assert run.figures.ttft_ms.p95 is None
    assert run.figures.ntpot_ms is None
    assert "spread_untold" in codes(run.verdict.flags)
    assert "fixed_lengths" not in codes(run.verdict.flags)


def test_time_per_output_token_of_canvases_is_dropped_and_what_they_did_is_kept() -> None:
    for name in ("vllm-bench/diffusion.json", "aiperf/diffusion"):
        run = only(SAMPLES / name)
        assert run.conditions.model == DIFFUSION
        assert run.figures.tpot_ms is None
        assert run.figures.ntpot_ms is not None
        assert "no_tpot" in codes(run.verdict.flags)
        assert run.figures.canvas is not None
        assert run.figures.canvas.steps_per_canvas == pytest.approx(8.0)
        assert run.figures.canvas.fill_share == pytest.approx(
            run.figures.output_tokens_total / run.figures.canvas.committed_tokens
        )


def test_a_diffusion_run_without_the_engines_counters_does_not_count(tmp_path: Path) -> None:
    told = {n: v for n, v in sample("vllm-bench/diffusion.json").items() if not n.startswith("diffusion_")}
    run = only(written(tmp_path, "r.json", told))
    assert "no_canvas_figures" in codes(run.verdict.reasons)


def test_random_tokens_void_a_diffusion_run_if_the_user_says_so() -> None:
    run = only(SAMPLES / "vllm-bench" / "diffusion.json", Told(gpu="h100", workload="random"))
    assert "random_prompts" in codes(run.verdict.reasons)


def test_requests_sent_all_at_once_do_not_count() -> None:
    run = runs_of(SAMPLES / "guidellm" / "sweep.json")[1]
    assert codes(run.verdict.reasons)[0] == "burst"
    assert not run.verdict.valid


def test_a_failing_server_does_not_count() -> None:
    for name in ("vllm-bench/failing.json", "guidellm/failing.json", "aiperf/failing", "genai-bench/failing"):
        assert "failures" in codes(only(SAMPLES / name).verdict.reasons)


def test_a_heavy_client_is_flagged_where_it_matters(tmp_path: Path) -> None:
    changed = sample("guidellm/benchmarks.json")
    changed["benchmarks"][0]["config"]["strategy"]["streams"] = 64
    light, heavy = (
        runs_of(SAMPLES / "guidellm" / "benchmarks.json")[0],
        runs_of(written(tmp_path, "r.json", changed))[0],
    )
    assert "heavy_client" not in codes(light.verdict.flags)
    assert "heavy_client" in codes(heavy.verdict.flags)


def test_a_table_of_two_columns_counts_with_a_known_workload(tmp_path: Path) -> None:
    path = table(tmp_path, "concurrency,request_rate_rps", "1,0.5", "8,2")
    bare = runs_of(path, given=ENOUGH)
    assert [codes(run.verdict.reasons) for run in bare] == [["no_tokens"], ["no_tokens"]]
    first, second = runs_of(path, given=Told(model=GEMMA, gpu="h100", workload="chat", measured_at=DAY))
    assert first.verdict.valid
    assert first.figures.output_tok_s == pytest.approx(0.5 * 211)
    assert second.figures.input_tokens_mean == 1155
    assert set(codes(first.verdict.flags)) == {"workload_lengths", "spread_untold", "count_untold", "engine_unknown"}


def test_a_table_tells_how_canvases_went_by_two_columns(tmp_path: Path) -> None:
    names = "concurrency,request_rate_rps,output_tokens,steps_per_canvas,tokens_per_canvas,completed"
    run = only(table(tmp_path, names, "4,2,300,12,150,100"), Told(model=DIFFUSION, gpu="h100", measured_at=DAY))
    assert run.figures.canvas is not None
    assert (run.figures.canvas.canvases, run.figures.canvas.denoising_steps) == (200, 2400)
    assert run.figures.canvas.fill_share == pytest.approx(150 / 256)
    assert run.verdict.valid


def test_importing_twice_adds_nothing(database: str) -> None:
    first = bring(database, SAMPLES / "vllm-sweep", DETAILED)
    again = bring(database, SAMPLES / "vllm-sweep" / "summary.csv", DETAILED)
    assert (first.added, first.known, len(first.runs)) == (5, 0, 5)
    assert (again.added, again.known) == (0, 5)
    assert {run.id for run in again.runs} == {run.id for run in first.runs}
    assert len(list_runs(database=database).runs) == 5


def test_results_of_one_deployment_make_one_sweep_however_they_come_in(database: str) -> None:
    bring(database, SAMPLES / "vllm-bench" / "detailed.json")
    bring(database, SAMPLES / "vllm-bench" / "failing.json")
    bring(database, DETAILED, SAMPLES / "aiperf" / "closed")
    with open_store(database) as held:
        campaigns = held.campaigns()
    assert sorted(record.name for record in campaigns) == ["imported-aiperf", "imported-vllm-bench"]
    assert {record.title for record in campaigns} == {
        f"{GEMMA} bf16 on {H100}, results of aiperf",
        f"{GEMMA} bf16 on {H100}, results of vllm-bench",
    }


def test_the_same_result_under_other_conditions_is_refused_until_the_first_is_taken_back(database: str) -> None:
    (first,) = bring(database, DETAILED).runs
    with pytest.raises(InputError, match=f"is there already as run {first.id}, with gpu {H100} instead of l4-24gb"):
        bring(database, DETAILED, given=Told(gpu="l4"))
    discard_run(first.id, reason="it was an L4", database=database)
    assert bring(database, DETAILED, given=Told(gpu="l4")).added == 1


def test_nothing_is_stored_unless_all_can_be_read(database: str, tmp_path: Path) -> None:
    bad = written(tmp_path, "bad.json", {**sample("vllm-bench/failing.json"), "duration": "x"})
    with pytest.raises(AdvisorError):
        bring(database, DETAILED, bad)
    bring(database, SAMPLES / "vllm-bench" / "failing.json")
    assert len(list_runs(database=database).runs) == 1


def test_an_exported_campaign_is_imported_with_the_same_command(database: str, tmp_path: Path) -> None:
    before = bring(database, SAMPLES / "vllm-sweep")
    folder = tmp_path / "exported"
    export_campaign(before.runs[0].campaign_id, database=database, profiles=None, to=folder, requests=False)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    found = bring(other, folder, DETAILED)
    assert (found.added, found.known) == (5, 0)
    assert {run.id for run in before.runs} < {run.id for run in found.runs}
    assert bring(other, folder).known == 4
    assert bring(other, tmp_path).known == 4
