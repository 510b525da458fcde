"""The whole chain on real vLLM: a campaign file, Ray, two tiny servers, several loads, SQLite, and an answer from them.

Speeds of a processor say nothing about a GPU, so only bookkeeping is asserted: what was asked, served, counted and stored.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from advisor import store
from advisor.domain.attempt import Outcome
from advisor.domain.basis import Basis
from advisor.domain.load import ClosedLoad
from advisor.domain.timing import Phase
from tests.engine.tiny_profiles import GPU, TINY_AR, TINY_DIFFUSION, write_profiles
from tests.engines.tiny_models import CANVAS_TOKENS, DENOISING_STEPS, Tiny, tiny_deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.domain.profiled import ProfiledRun
    from advisor.store.database import Store

pytestmark = pytest.mark.engine

REQUESTS = 12
LEVELS = {TINY_AR: (1, 4, 8), TINY_DIFFUSION: (1, 2, 4)}
KINDS = {TINY_AR: Tiny.GEMMA, TINY_DIFFUSION: Tiny.DIFFUSION}
TYPE = "TINY"
WORKLOAD: dict[str, Any] = {
    "name": "tiny",
    "content": "chat",
    "input": {"mean_tokens": 60, "cv": 0.3},
    "output": {"mean_tokens": 48, "cv": 0.5, "max_tokens": 100},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    write_profiles(folder / "profiles")
    (folder / "tiny.yaml").write_text(yaml.safe_dump(WORKLOAD), encoding="utf-8")
    campaign = {
        "name": "tiny",
        "deployments": [_deployment(model, folder) for model in LEVELS],
        "workloads": ["tiny.yaml"],
        "rules": {"repeats": 1, "requests": REQUESTS, "warmup_s": 0, "stall_s": 120, "attempts": 1},
    }
    (folder / "campaign.yaml").write_text(yaml.safe_dump(campaign), encoding="utf-8")
    return folder


def _deployment(model: str, folder: Path) -> dict[str, Any]:
    kind = KINDS[model]
    served = tiny_deployment(kind, folder / kind, slots=8).model_dump(mode="json", exclude_defaults=True)
    loads: list[dict[str, Any]] = [{"kind": "closed", "concurrency": level} for level in LEVELS[model]]
    if kind is Tiny.GEMMA:
        loads.append({"kind": "open", "rate_rps": 2.0})
    return {**served, "model": model, "gpu": GPU, "precision": "bf16", "accelerator_type": TYPE, "loads": loads}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of a cluster with one node of the type, so that one server runs at a time."""
    from ray.cluster_utils import Cluster  # noqa: PLC0415 - needed by these tests alone

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=2, num_gpus=1, resources={f"accelerator_type:{TYPE}": 1})
    yield cluster.address
    cluster.shutdown()  # type: ignore[no-untyped-call]


def advise(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "advisor", *arguments, "--profiles", str(folder / "profiles")]
    return subprocess.run(
        [*command, "--db", f"sqlite:///{folder / 'runs.db'}"], capture_output=True, text=True, check=False, timeout=500
    )


@pytest.fixture(scope="module")
def measured(folder: Path, address: str) -> Iterator[Store]:
    """Run the campaign once, and return its database."""
    done = advise(
        "profile", "run", str(folder / "campaign.yaml"), "--address", address, "--progress", "json", folder=folder
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with store.open_store(f"sqlite:///{folder / 'runs.db'}") as held:
        yield held


def of(model: str, held: Store) -> list[ProfiledRun]:
    runs = [run for run in held.runs() if run.conditions.model == model]
    assert len(runs) == len(LEVELS[model]) + (model == TINY_AR)
    return runs


def test_every_cell_has_one_result_from_one_server_of_its_deployment(measured: Store) -> None:
    (record,) = measured.campaigns()
    cells, attempts = measured.cells(record.id), measured.attempts(record.id)
    assert sorted(measured.accepted(record.id)) == sorted(cell.id for cell in cells)
    assert [attempt.outcome for attempt in attempts] == [Outcome.MEASURED] * len(cells)
    assert len({attempt.server_id for attempt in attempts}) == 2


def test_servers_tell_what_they_really_run(measured: Store) -> None:
    (record,) = measured.campaigns()
    for server in measured.servers(record.id):
        assert server.software.engine_version.startswith("0.")
        assert server.effective["max_num_seqs"] == 8
        assert server.effective["max_model_len"] == 2048
        assert server.hardware.cpu_count


@pytest.mark.parametrize("model", LEVELS)
def test_tokens_are_those_that_were_asked_for_and_served(model: str, measured: Store) -> None:
    for run in of(model, measured):
        timings = [t for t in measured.timings(run.id) if t.phase is Phase.MEASURED]
        assert run.figures.requests == run.figures.completed == len(timings) == REQUESTS
        assert run.figures.failures == {}
        assert [t.output_tokens for t in timings] == [t.asked_tokens for t in timings]
        assert run.figures.output_tokens_total == sum(t.asked_tokens for t in timings)
        assert all(t.first_s is not None and t.intended_s <= t.sent_s <= t.first_s <= (t.last_s or 0) for t in timings)


def test_prompts_have_about_the_length_that_was_drawn(measured: Store) -> None:
    for run in of(TINY_AR, measured):
        assert run.figures.input_tokens_mean == pytest.approx(60, rel=0.35)
        assert run.figures.input_tokens_cv > 0.1


def test_block_diffusion_is_counted_in_canvases_and_steps(measured: Store) -> None:
    for run in of(TINY_DIFFUSION, measured):
        timings = measured.timings(run.id)
        canvas = run.figures.canvas
        assert canvas is not None
        assert canvas.steps_per_canvas == pytest.approx(DENOISING_STEPS)
        assert canvas.committed_tokens == pytest.approx(canvas.canvases * CANVAS_TOKENS)
        assert all(t.events == math.ceil(t.output_tokens / CANVAS_TOKENS) for t in timings if not t.failure)
        assert run.figures.tpot_ms is None


def test_the_engine_counts_the_same_tokens_as_we_do(measured: Store) -> None:
    for model in LEVELS:
        for run in of(model, measured):
            samples = [s for s in measured.samples(run.id) if s.name.startswith("vllm:generation_tokens_total")]
            ours = sum(t.output_tokens for t in measured.timings(run.id))
            assert samples[-1].value - samples[0].value == ours


def test_conditions_say_that_the_weights_were_random(measured: Store) -> None:
    for run in measured.runs():
        assert run.basis is Basis.MEASURED
        assert run.conditions.weights == "random"
        assert (run.conditions.engine, run.conditions.gpu, run.conditions.max_num_seqs) == ("vllm", GPU, 8)


def test_recommend_answers_from_these_runs_at_once(measured: Store, folder: Path) -> None:
    closed = [run for run in measured.runs() if isinstance(run.load, ClosedLoad)]
    assert closed
    done = advise(
        *("recommend", "--qps", "0.3", "--workload", str(folder / "tiny.yaml"), "--e2e", "60s", "--gpus", GPU),
        *("--models", f"{TINY_AR},{TINY_DIFFUSION}", "--today", "2026-11-24", "-f", "json"),
        folder=folder,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout)
    chosen = answer["decision"]["candidate"]
    assert chosen["basis"] == "measured"
    assert chosen["evidence_points"] >= 3


def test_a_campaign_that_is_done_is_not_measured_again(measured: Store, folder: Path) -> None:
    before = measured.runs()
    done = advise("profile", "resume", str(folder / "campaign.yaml"), "--progress", "none", folder=folder)
    assert done.returncode == 0, done.stderr
    assert measured.runs() == before
