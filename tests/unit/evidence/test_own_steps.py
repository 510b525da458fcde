"""Denoising steps that the user's own runs counted replace the published ones, and the answer says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.basis import Basis
from advisor.domain.load import OpenLoad
from advisor.domain.model import Content, Precision
from advisor.domain.requests import representative_requests
from advisor.domain.run_figures import Verdict
from advisor.usecases.curves import work_of
from advisor.usecases.grounding.evidence import Evidence
from advisor.usecases.grounding.own_steps import steps_shown
from advisor.usecases.grounding.shipped import open_profiles
from tests.runs import CANVAS, conditions, figures, keep, profiled
from tests.shipped import DIFFUSION, GEMMA, NO_DATABASE, SHIPPED, TODAY, answer, estimated, question, workload

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.answer import Recommendation
    from advisor.domain.profiled import ProfiledRun
    from advisor.usecases.curves import Work

NEWEST = SHIPPED.engine.version
CANVAS_LAW = SHIPPED.models[DIFFUSION].canvas
assert CANVAS_LAW is not None
PUBLISHED = CANVAS_LAW.steps[Content.CHAT].mean
MOST = CANVAS_LAW.max_steps
FRESH = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(days=3)
UNDER: dict[str, Any] = {"model": DIFFUSION, "checkpoint": "", "max_num_seqs": 8, "engine_version": NEWEST}
ONE_PLACE: dict[str, Any] = {"models": (DIFFUSION,), "precisions": (Precision.FP8,), "simulate": False}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def counting(
    name: str, steps: float, *, canvases: float = 800.0, under: dict[str, Any] | None = None, **more: Any
) -> ProfiledRun:
    """Return a run of one request in flight at the speed that is estimated for so many steps."""
    work = workload().model_copy(update={"steps_per_canvas": min(steps, MOST)})
    (seen,) = estimated(DIFFUSION, database=NO_DATABASE, concurrency=(1,), workload=work).points
    canvas = CANVAS.model_copy(update={"steps_per_canvas": steps, "canvases": canvases})
    return profiled(
        name,
        concurrency=1,
        under=conditions(**{**UNDER, **(under or {})}),
        showing=figures(concurrency=1, output_tok_s=seen.output_tok_s, canvas=canvas, ttft_ms=None),
        **{"measured_at": FRESH, **more},
    )


def work(database: str, *, allow_simulated: bool = False, **more: Any) -> Work:
    shipped = open_profiles(None, database=database, allow_simulated=allow_simulated)
    asked = workload().model_copy(update=more)
    evidence = Evidence(shipped, today=TODAY)
    return work_of(representative_requests(asked), workload=asked, model=shipped.models[DIFFUSION], evidence=evidence)


def steps(database: str, **more: Any) -> float:
    return work(database, **more).passes_per_canvas - 1.0


def asked(database: str, **more: Any) -> Recommendation:
    return answer(question(1, "e2e:p95<30s", **ONE_PLACE), database=database, **more)


def test_without_own_runs_the_published_steps_count(database: str) -> None:
    keep(database, profiled("other", under=conditions(model=GEMMA)))
    assert steps(database) == pytest.approx(PUBLISHED)


def test_own_steps_replace_the_published_ones_weighted_by_canvases(database: str) -> None:
    keep(database, counting("a", 20.0, canvases=300.0), counting("b", 24.0, canvases=900.0))
    assert steps(database) == pytest.approx(23.0)


def test_open_loop_runs_count_steps_as_well(database: str) -> None:
    shown = figures(canvas=CANVAS)
    keep(
        database,
        profiled("open", load=OpenLoad(rate_rps=1.0), under=conditions(**UNDER), showing=shown, measured_at=FRESH),
    )
    assert steps(database) == pytest.approx(CANVAS.steps_per_canvas)


def test_steps_that_are_asked_for_go_before_own_ones(database: str) -> None:
    keep(database, counting("a", 20.0))
    assert steps(database, steps_per_canvas=9.0) == pytest.approx(9.0)


ASIDE: dict[str, dict[str, Any]] = {
    "of another content": {"under": {"content": Content.CODE}},
    "of an unknown content": {"under": {"content": None}},
    "on random weights": {"under": {"weights": "random"}},
    "that are stale": {"measured_at": FRESH - timedelta(days=200)},
    "that are simulated": {"basis": Basis.SIMULATED},
    "that are void": {"verdict": Verdict(valid=False, reasons=("little: off",))},
}


@pytest.mark.parametrize("kind", ASIDE)
def test_runs_aside_leave_the_published_steps(database: str, kind: str) -> None:
    keep(database, counting("aside", 30.0, **ASIDE[kind]))
    assert steps(database) == pytest.approx(PUBLISHED)


def test_runs_of_the_newest_version_go_before_fresh_ones_of_another(database: str) -> None:
    keep(database, counting("other", 30.0, under={"engine_version": "0.27.1"}, campaign_id="other"))
    assert steps(database) == pytest.approx(30.0)
    keep(database, counting("new", 20.0))
    assert steps(database) == pytest.approx(20.0)


def test_simulated_steps_count_where_they_are_allowed_and_nothing_was_measured(database: str) -> None:
    keep(database, counting("demo", 30.0, basis=Basis.SIMULATED))
    assert steps(database, allow_simulated=True) == pytest.approx(30.0)
    keep(database, counting("real", 20.0, campaign_id="real"))
    assert steps(database, allow_simulated=True) == pytest.approx(20.0)


def test_plans_with_simulated_steps_are_simulated_on_every_gpu_and_say_so(database: str) -> None:
    keep(database, counting("demo", 30.0, basis=Basis.SIMULATED, under={"gpu": "b200-sxm-180gb"}))
    shown = asked(database, allow_simulated=True)
    assert shown.decision.candidate.basis is Basis.SIMULATED
    assert shown.warnings[0].code == "simulated_evidence"
    assert "were counted on the demo engine" in shown.warnings[0].message


def test_more_own_steps_than_a_model_takes_are_as_many_as_it_takes(database: str) -> None:
    keep(database, counting("odd", MOST + 5.0))
    assert steps(database) == pytest.approx(MOST)


def test_the_answer_cites_own_steps_and_says_that_they_are_measured(database: str) -> None:
    keep(database, counting("a", 20.0), counting("b", 20.0, repeat=1))
    shown = asked(database)
    cited = [source for source in shown.decision.candidate.sources if source.kind == "steps"]
    assert [source.url is None for source in cited] == [True, False]
    assert cited[0].title.startswith("denoising steps on chat, measured: own runs, campaign chat-h100-0123abcd: ")
    assert cited[1].title == "spread of denoising steps on chat"
    (line,) = [line for line in shown.explanation if line.figure == "denoising steps"]
    assert (line.value, line.basis, line.how) == ("20.0", Basis.MEASURED, "mean on chat, 2 own runs")
    told = [caution.message for caution in shown.warnings if caution.code == "own_steps"]
    assert any("takes 20 denoising steps per canvas on chat, as 2 runs of your own counted" in one for one in told)


def test_estimate_shows_own_steps(database: str) -> None:
    keep(database, counting("a", 20.0))
    assert estimated(DIFFUSION, database=database, concurrency=(1,)).steps_per_canvas == pytest.approx(20.0)


def test_no_run_shows_no_steps() -> None:
    assert steps_shown([], Content.CHAT) is None
