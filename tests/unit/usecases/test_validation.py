"""How wrong the estimator is on GPUs that it was not fitted on, and that its constants are fitted and not typed."""

from __future__ import annotations

import csv
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.domain.basis import Basis
from advisor.domain.measurement import MeasuredMetric
from advisor.physics.constants import Constants
from advisor.usecases.calibrate import calibrate, published_groups
from advisor.usecases.grounding.rows import log_ratios, predict_group
from advisor.usecases.validating.estimator import leave_one_gpu_out, validate
from tests.shipped import DIFFUSION, GEMMA, H100, MTP, ROOT, SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.judged import Calibration, ErrorLine, Validation

PROTOTYPE_ROWS = 27


@pytest.fixture(scope="module")
def validation() -> Validation:
    return validate(profiles=None)


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return calibrate(profiles=None, write=False)


def line(validation: Validation, contender: str) -> ErrorLine:
    (found,) = [one for one in validation.lines if (one.scope, one.group) == ("model", contender)]
    return found


@pytest.mark.parametrize(("contender", "reference"), [(DIFFUSION, 0.10), (GEMMA, 0.19)])
def test_the_median_error_is_within_that_of_the_prototype(
    validation: Validation, contender: str, reference: float
) -> None:
    shown = line(validation, contender)
    assert shown.reference == reference
    assert shown.median <= reference
    assert shown.median <= shown.p90


def test_the_estimator_is_judged_on_more_rows_than_the_prototype(validation: Validation) -> None:
    groups = [one for one in validation.lines if one.scope == "model"]
    assert line(validation, DIFFUSION).rows + line(validation, GEMMA).rows > PROTOTYPE_ROWS
    assert {one.group for one in groups} >= {DIFFUSION, GEMMA, MTP}
    assert sum(one.rows for one in groups) == sum(len(group.rows) for group in published_groups(ROOT))


@pytest.mark.parametrize("scope", ["model and GPU", "source"])
def test_every_way_of_grouping_counts_every_row(validation: Validation, scope: str) -> None:
    rows = {name: sum(one.rows for one in validation.lines if one.scope == name) for name in ("model", scope)}
    assert rows["model"] == rows[scope]


def test_every_published_row_is_judged_or_listed_with_a_reason() -> None:
    rows = catalog.read_measurements(ROOT)
    judged = {row.id for group in published_groups(ROOT) for row in group.rows}
    dropped = [row.id for row in rows if row.id not in judged]
    assert dropped == []
    assert len({row.id for row in rows}) == len(rows)
    assert all(row["reason"] for row in catalog.read_excluded(ROOT))


def test_no_row_is_both_judged_and_excluded() -> None:
    judged = {row.id for row in catalog.read_measurements(ROOT)}
    assert not judged & {row["id"] for row in catalog.read_excluded(ROOT)}


def test_excluded_rows_are_counted_by_reason(validation: Validation) -> None:
    assert sum(one.rows for one in validation.excluded) == len(catalog.read_excluded(ROOT))


def test_published_rows_are_published_and_none_is_ours() -> None:
    assert {row.basis for row in catalog.read_measurements(ROOT)} == {Basis.PUBLISHED}


def test_the_batching_gain_of_diffusion_is_judged_too(validation: Validation) -> None:
    assert validation.batching_gain
    assert all("canvases" in one.group for one in validation.batching_gain)


def test_the_notes_admit_that_the_form_was_chosen_with_the_rows_in_sight(validation: Validation) -> None:
    assert any("a new GPU may do worse" in note for note in validation.notes)


def test_the_shipped_constants_are_fitted_and_not_typed(calibration: Calibration) -> None:
    shipped = catalog.read_constants(ROOT)
    assert {one.name for one in calibration.constants} == set(shipped) == set(Constants.names())
    for one in calibration.constants:
        assert one.value == pytest.approx(shipped[one.name], rel=1e-3), one.name


def test_the_head_of_the_shipped_constants_counts_the_rows_they_were_fitted_on(calibration: Calibration) -> None:
    text = (ROOT / "calibration" / "constants.yaml").read_text(encoding="utf-8")
    found = re.search(r"# (\d+) published rows on (\d+) GPU types, log sd of the residuals (\d+\.\d+)", text)
    assert found is not None
    assert (int(found[1]), int(found[2])) == (calibration.rows, calibration.gpus)
    assert float(found[3]) == pytest.approx(calibration.log_sd, abs=1e-3)


def test_a_dry_run_writes_nothing(calibration: Calibration) -> None:
    assert calibration.written_to is None


def with_doubled_values(profiles: Path, gpu: str) -> Path:
    """Return a copy of the profiles in which every figure measured on one GPU is twice what was published."""
    shutil.copytree(ROOT, profiles)
    for path in (profiles / "measurements").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
            writer.writeheader()
            for row in rows:
                writer.writerow({**row, "value": float(row["value"]) * 2} if row["gpu"] == gpu else row)
    return profiles


def test_a_gpu_left_out_is_not_seen_by_its_own_predictions(tmp_path: Path) -> None:
    plain = {miss.row.id: miss for miss in leave_one_gpu_out(ROOT)}
    doubled = leave_one_gpu_out(with_doubled_values(tmp_path / "profiles", H100))
    judged = [miss for miss in doubled if miss.row.gpu == H100]
    assert judged
    for miss in judged:
        factor = 2.0 if miss.row.metric is MeasuredMetric.BATCH_WALL_S else 0.5
        assert 1 + miss.error == pytest.approx(factor * (1 + plain[miss.row.id].error))
    assert any(miss.error != plain[miss.row.id].error for miss in doubled if miss.row.gpu != H100)


def test_predictions_and_ratios_tell_the_same() -> None:
    for group in published_groups(ROOT):
        predicted = predict_group(group, constants=SHIPPED.constants)
        ratios = log_ratios(group, constants=SHIPPED.constants)
        for row, speed, ratio in zip(group.rows, predicted.tolist(), ratios.tolist(), strict=True):
            assert (ratio > 0) is ((speed < row.value) if row.metric == "batch_wall_s" else (speed > row.value))
