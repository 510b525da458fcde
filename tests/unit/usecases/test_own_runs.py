"""Which runs of the user become rows, and what those rows say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from advisor.demo.connection import SERVER
from advisor.domain.basis import Basis
from advisor.domain.load import OpenLoad, RampLoad, TraceLoad
from advisor.domain.measurement import UNTOLD
from advisor.domain.model import Content, Precision
from advisor.domain.run_figures import Verdict
from advisor.usecases.grounding.own_runs import OwnRuns, own_rows
from advisor.usecases.grounding.recognizing import Known, checkpoint_of, precision_in, says_precision
from advisor.usecases.grounding.skipping import KINDS, SKIPS, in_words
from tests.runs import CANVAS, DIFFUSION, GEMMA, H100, MEASURED_AT, conditions, figures, profiled
from tests.shipped import SHIPPED

if TYPE_CHECKING:
    from advisor.domain.measurement import OwnMeasurement
    from advisor.domain.profiled import ProfiledRun

KNOWN = Known(SHIPPED.models, SHIPPED.gpus, SHIPPED.engine)


def own(*runs: ProfiledRun, allow_simulated: bool = False) -> OwnRuns:
    return own_rows(runs, KNOWN, allow_simulated=allow_simulated)


def row(*runs: ProfiledRun) -> OwnMeasurement:
    (only,) = own(*runs).rows
    return only


def codes(found: OwnMeasurement) -> list[str]:
    return [flag.partition(": ")[0] for flag in found.flags]


def test_a_closed_loop_gives_its_throughput_at_what_was_in_flight() -> None:
    found = row(profiled("a", concurrency=8, output_tok_s=640.0))
    assert (found.model, found.gpu, found.precision) == (GEMMA, H100, Precision.FP8)
    assert (found.value, found.concurrency, found.slots) == (640.0, 8, 8)
    assert (found.input_tokens, found.output_tokens, found.content) == (800, 300, Content.CHAT)
    assert (found.basis, found.date, found.engine_version) == (Basis.MEASURED, MEASURED_AT.date(), "0.33.0")
    assert (found.source_url, found.set_name, found.run_ids) == ("", "chat-h100-0123abcd", ("a",))
    assert not found.flaw


def test_repeats_of_a_cell_are_one_row_of_their_mean_and_surer_the_more_there_are() -> None:
    repeats = [profiled(f"r{i}", output_tok_s=600.0 + i, repeat=i) for i in range(3)]
    found = row(*repeats)
    assert found.value == pytest.approx(601.0)
    assert found.run_ids == ("r0", "r1", "r2")
    assert (found.log_sd, row(repeats[0]).log_sd) == (0.03, 0.05)


def test_a_row_of_an_engine_that_nobody_named_is_less_sure_and_one_of_an_unknown_version_is_not() -> None:
    unnamed, unversioned = (
        row(profiled("a", under=conditions(**untold)))
        for untold in ({"engine": "", "engine_version": ""}, {"engine_version": ""})
    )
    assert unnamed.log_sd == pytest.approx((0.05**2 + 0.10**2) ** 0.5)
    assert (unnamed.engine, unnamed.engine_version) == (UNTOLD, UNTOLD)
    assert unversioned.log_sd == 0.05


def test_levels_campaigns_and_settings_are_kept_apart() -> None:
    runs = [
        profiled("a"),
        profiled("b", concurrency=16),
        profiled("c", campaign_id="other"),
        profiled("d", under=conditions(max_num_seqs=64)),
        profiled("e", tool="guidellm"),
    ]
    assert {r.run_ids for r in own(*runs).rows} == {("a",), ("b",), ("c",), ("d",), ("e",)}


def test_repeats_that_disagree_are_flagged_and_leave_their_own_spread() -> None:
    found = row(profiled("a", output_tok_s=500.0), profiled("b", output_tok_s=700.0))
    assert "repeats_disagree" in codes(found)
    assert found.log_sd > 0.1


def test_a_loop_beyond_the_slots_counts_at_the_slots() -> None:
    found = row(profiled("a", concurrency=64, under=conditions(max_num_seqs=16)))
    assert (found.concurrency, found.slots) == (64, 16)


def test_canvases_come_with_their_steps_and_how_many_a_reply_took() -> None:
    found = row(
        profiled("a", under=conditions(model=DIFFUSION, checkpoint="", max_num_seqs=8), showing=figures(canvas=CANVAS))
    )
    assert (found.model, found.steps) == (DIFFUSION, 12.0)
    assert found.canvases == pytest.approx(2.0)


def test_the_highest_level_is_flagged_while_throughput_still_grows() -> None:
    rows = own(*(profiled(f"c{c}", concurrency=c, output_tok_s=100.0 * c) for c in (1, 2, 4))).rows
    assert [(r.concurrency, "not_saturated" in codes(r)) for r in rows] == [(1, False), (2, False), (4, True)]
    rows = own(*(profiled(f"c{c}", concurrency=c, output_tok_s=500.0 + c) for c in (1, 2, 4))).rows
    assert not any("not_saturated" in codes(r) for r in rows)


def test_the_flags_of_runs_go_with_their_row_once() -> None:
    flagged = Verdict(valid=True, flags=("preemptions: memory ran out",))
    assert row(profiled("a", verdict=flagged), profiled("b", verdict=flagged)).flags[0] == flagged.flags[0]
    assert codes(row(profiled("a", verdict=flagged), profiled("b", verdict=flagged))).count("preemptions") == 1


LEFT_OUT: dict[str, dict[str, Any]] = {
    "discarded": {"discarded": "the card was throttled"},
    "void": {"verdict": Verdict(valid=False, reasons=("client_late: late", "little: off"))},
    "model": {"under": conditions(model="gemma-9", checkpoint="")},
    "gpu": {"under": conditions(gpu="abacus")},
    "drafter": {"under": conditions(speculative="eagle")},
    "engine": {"under": conditions(engine="sglang")},
    "precision": {"under": conditions(gpu="mi300x-192gb", precision=Precision.NVFP4, checkpoint="")},
    "lengths": {"showing": figures(output_tokens_mean=0.0)},
    "canvases": {"under": conditions(model=DIFFUSION, checkpoint="")},
    "no_level": {"load": RampLoad(from_rps=0.0, to_rps=2.0, duration_s=60.0)},
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_a_run_that_cannot_count_is_left_out_with_its_reason(kind: str) -> None:
    found = own(profiled("odd", **LEFT_OUT[kind]), profiled("good"))
    assert [r.run_ids for r in found.rows] == [("good",)]
    assert [(s.run.id, s.kind) for s in found.skipped] == [("odd", kind)]


def test_an_open_loop_shows_no_level_but_the_time_to_first_token_at_a_rate() -> None:
    found = own(
        profiled("open", load=OpenLoad(rate_rps=2.0)),
        profiled("blind", load=OpenLoad(rate_rps=2.0), showing=figures(ttft_ms=None)),
    )
    assert found.rows == ()
    assert [run.id for run in found.at_rates] == ["open"]
    assert [(s.run.id, s.kind) for s in found.skipped] == [("blind", "no_level")]


def test_every_reason_has_a_case_and_words() -> None:
    assert LEFT_OUT.keys() == SKIPS.keys() == KINDS.keys()


def test_reasons_are_grouped_and_counted() -> None:
    late = Verdict(valid=False, reasons=("client_late: late",))
    both = Verdict(valid=False, reasons=("client_late: late", "little: off"))
    runs = [profiled("a", verdict=late), profiled("b", verdict=both), profiled("c", load=TraceLoad())]
    told = in_words(own(*runs).skipped)
    assert told.startswith("2 void (client_late 2, little), 1 under a load that shows no speed at a level (trace)")
    assert in_words(own(profiled("d")).skipped) == ""


def test_simulated_runs_are_counted_and_left_out_unless_they_are_asked_for() -> None:
    simulated = profiled("demo", basis=Basis.SIMULATED)
    closed = own(simulated, profiled("real"))
    assert ([r.run_ids for r in closed.rows], closed.simulated_left_out) == ([("real",)], 1)
    opened = own(simulated, profiled("real"), allow_simulated=True)
    assert {r.run_ids: r.basis for r in opened.rows} == {("demo",): Basis.SIMULATED, ("real",): Basis.MEASURED}
    assert opened.simulated_left_out == 0


@pytest.mark.parametrize("field", ["engine", "engine_version"])
def test_what_was_measured_on_the_demo_engine_is_simulated_whoever_says_otherwise(field: str) -> None:
    run = profiled("demo", under=conditions(**{field: SERVER}), basis=Basis.MEASURED)
    assert own(run).simulated_left_out == 1
    assert own(run, allow_simulated=True).rows[0].basis is Basis.SIMULATED


def test_a_run_is_recognized_by_the_name_of_its_checkpoint() -> None:
    name = "RedHatAI/gemma-4-26B-A4B-it-FP8-Dynamic"
    assert row(profiled("a", under=conditions(model=name, checkpoint="", precision=None))).model == GEMMA


@pytest.mark.parametrize(
    ("told", "precision"),
    [
        ({"precision": Precision.BF16, "checkpoint": ""}, Precision.BF16),
        ({"precision": None, "checkpoint": "someone/gemma-AWQ-4bit"}, Precision.INT4),
        ({"precision": None, "checkpoint": "someone/gemma-NVFP4"}, Precision.NVFP4),
        ({"precision": None, "checkpoint": ""}, Precision.FP8),
    ],
)
def test_the_precision_is_what_the_run_tells_else_what_its_checkpoint_is_called_else_the_usual_one(
    told: dict[str, Any], precision: Precision
) -> None:
    under = conditions(**told)
    checkpoint = checkpoint_of(under, KNOWN)
    assert checkpoint is not None
    assert checkpoint.precision is precision
    assumed = told == {"precision": None, "checkpoint": ""}
    assert says_precision(under, KNOWN) is not assumed
    assert ("precision_assumed" in codes(row(profiled("a", under=under)))) is assumed


def test_a_name_without_a_mark_tells_no_precision() -> None:
    assert precision_in("google/gemma-4-26b-a4b-it") is None


def test_the_day_of_a_row_is_that_of_its_newest_repeat() -> None:
    later = profiled("b", measured_at=MEASURED_AT + timedelta(days=3))
    assert row(profiled("a"), later).date == later.measured_at.date()


def test_a_short_run_leaves_the_spread_of_its_own_interval() -> None:
    assert row(profiled("a", showing=figures(throughput_half_width_share=0.3))).log_sd == pytest.approx(0.3 / 2.262)
    assert row(profiled("a", showing=figures(throughput_half_width_share=None))).log_sd == 0.05


def test_one_in_flight_shows_the_first_token_of_an_idle_server_beside_its_speed() -> None:
    found = own(
        profiled("one", concurrency=1),
        profiled("eight"),
        profiled("blind", concurrency=1, campaign_id="b", showing=figures(concurrency=1, ttft_ms=None)),
    )
    assert [run.id for run in found.one_in_flight] == ["one"]
    assert len(found.rows) == 3
