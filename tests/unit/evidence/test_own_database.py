"""The user's own rows, in a real SQLite file, change what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.basis import Basis
from advisor.domain.model import Precision
from advisor.errors import DataError
from advisor.store import open_store
from tests.rows import measured
from tests.shipped import DIFFUSION, GEMMA, H100, NO_DATABASE, SHIPPED, answer, estimated, question

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.answer import EstimatePoint
    from advisor.domain.measurement import Measurement

LEVELS = (1, 8, 64, 128)
NEWEST = SHIPPED.engine.version
ONE_MODEL: dict[str, Any] = {"models": (GEMMA,), "precisions": (Precision.FP8,)}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def keep(database: str, *rows: Measurement) -> None:
    with open_store(database) as store:
        store.add(rows)


def points(
    database: str = NO_DATABASE, *, model: str = GEMMA, concurrency: tuple[int, ...] = LEVELS
) -> list[EstimatePoint]:
    return list(estimated(model, database=database, concurrency=concurrency).points)


def faster_rows(factor: float, **more: Any) -> list[Measurement]:
    return [
        measured(f"own-{p.concurrency}", concurrency=p.concurrency, value=p.output_tok_s * factor, **more)
        for p in points()
    ]


def test_an_own_sweep_is_what_estimate_shows(database: str) -> None:
    keep(database, *faster_rows(0.6, engine_version=NEWEST))
    for before, after in zip(points(), points(database), strict=True):
        assert after.output_tok_s == pytest.approx(0.6 * before.output_tok_s, rel=0.03)
        assert before.basis is not Basis.MEASURED
        assert after.basis is Basis.MEASURED
        assert after.spread < before.spread


def test_beyond_the_own_rows_the_answer_is_modeled_and_says_so(database: str) -> None:
    keep(database, *faster_rows(0.6, engine_version=NEWEST))
    shown = estimated(database=database, concurrency=(128, 140))
    assert [point.basis for point in shown.points] == [Basis.MEASURED, Basis.MODELED]
    assert "beyond_measured_range" in {caution.code for caution in shown.warnings}


def test_a_single_own_row_moves_the_cell_toward_it(database: str) -> None:
    (row,) = [row for row in faster_rows(0.6, engine_version=NEWEST) if row.concurrency == 8]
    keep(database, row)
    before, after = points()[1], points(database)[1]
    assert 0.6 < after.output_tok_s / before.output_tok_s < 0.75
    assert after.basis is Basis.MEASURED


@pytest.mark.parametrize("level", LEVELS)
def test_one_faster_own_row_slows_no_level(database: str, level: int) -> None:
    rows = faster_rows(1.3, engine_version=NEWEST)
    keep(database, *(row for row in rows if row.concurrency == level))
    for before, after in zip(points(), points(database), strict=True):
        assert after.output_tok_s >= before.output_tok_s * 0.999


def test_own_rows_that_cannot_be_used_are_named(database: str) -> None:
    keep(database, measured("stray", model="gemma-9"))
    messages = [caution.message for caution in estimated(database=database).warnings if caution.code == "rows_unused"]
    assert len(messages) == 1
    assert "1 of your own rows is not used (stray)" in messages[0]


def test_own_rows_of_an_older_engine_leave_more_spread(database: str, tmp_path: Path) -> None:
    older = f"sqlite:///{tmp_path / 'older.db'}"
    keep(database, *faster_rows(0.9, engine_version=NEWEST))
    keep(older, *faster_rows(0.9, engine_version="0.27.1"))
    for new, old in zip(points(database), points(older), strict=True):
        assert old.spread > max(new.spread, 0.10)
        assert old.output_tok_s == pytest.approx(new.output_tok_s)


def test_a_row_that_no_model_can_explain_counts_for_nothing(database: str) -> None:
    keep(database, *faster_rows(10.0, engine_version=NEWEST))
    assert points(database) == points()


def test_own_rows_move_a_cell_without_rows_on_the_same_gpu(database: str) -> None:
    keep(database, *faster_rows(0.6, engine_version=NEWEST))
    before, after = (estimated(speculative="mtp", database=url).points[0] for url in (NO_DATABASE, database))
    assert 0.6 < after.output_tok_s / before.output_tok_s < 0.9
    assert after.basis is before.basis is Basis.MODELED
    assert after.spread < before.spread


def test_own_rows_leave_a_cell_that_has_a_sweep_of_its_own(database: str) -> None:
    keep(database, *faster_rows(0.6, engine_version=NEWEST))
    before, after = (points(url, model=DIFFUSION)[0] for url in (NO_DATABASE, database))
    assert after.output_tok_s == pytest.approx(before.output_tok_s)


def test_a_slower_measurement_lowers_the_capacity_of_the_plan_and_makes_it_measured(database: str) -> None:
    asked = question(6, "e2e:p95<12s", **ONE_MODEL)
    keep(database, *faster_rows(0.6, engine_version=NEWEST))
    before, after = (answer(asked, database=url).best_by_contender[GEMMA] for url in (NO_DATABASE, database))
    assert before is not None
    assert after is not None
    assert (after.gpu, after.tensor_parallel, after.basis) == (H100, 1, Basis.MEASURED)
    assert after.saturation_qps.value < 0.85 * before.saturation_qps.value
    assert after.saturation_qps.high / after.saturation_qps.low < before.saturation_qps.high / before.saturation_qps.low
    assert after.latency.e2e_p95_ms > before.latency.e2e_p95_ms
    assert after.evidence_points == len(LEVELS)
    assert "https://example.org/own" in {source.url for source in after.sources}


def test_a_sweep_at_what_was_modeled_changes_the_basis_and_not_the_answer(database: str) -> None:
    asked = question(8, "e2e:p95<12s", **ONE_MODEL)
    keep(database, *faster_rows(1.0, engine_version=NEWEST))
    before, after = (answer(asked, database=url).best_by_contender[GEMMA] for url in (NO_DATABASE, database))
    assert before is not None
    assert after is not None
    assert (after.replicas, after.usd_per_hour) == (before.replicas, before.usd_per_hour)
    assert (before.basis, after.basis) == (Basis.MODELED, Basis.MEASURED)


def test_a_simulated_row_counts_for_nothing(database: str) -> None:
    keep(database, measured("odd", value=200.0, engine_version=NEWEST, basis=Basis.SIMULATED))
    assert points(database) == points()


def test_a_row_three_times_off_the_model_is_left_out_and_named(database: str) -> None:
    keep(database, measured("typo", concurrency=8, value=0.2))
    shown = answer(question(5, "e2e:p95<12s"), database=database)
    assert [c.message for c in shown.warnings if c.code == "row_ignored" and "the row typo" in c.message]
    without = answer(question(5, "e2e:p95<12s"))
    assert shown.decision.candidate.usd_per_hour == without.decision.candidate.usd_per_hour


@pytest.mark.parametrize(("field", "value"), [("value", 0.0), ("value", float("nan")), ("concurrency", 0)])
def test_a_row_that_cannot_be_is_not_taken(database: str, field: str, value: Any) -> None:
    with pytest.raises(DataError, match="measurement odd: "):
        keep(database, measured("odd", **{field: value}))


def test_one_stream_measured_says_little_about_a_batch(database: str) -> None:
    (single,) = (row for row in faster_rows(0.6, engine_version=NEWEST) if row.concurrency == 1)
    keep(database, single)
    one, *_, many = points(database)
    assert one.spread < 0.6 * many.spread
    assert many.basis is not Basis.MEASURED
