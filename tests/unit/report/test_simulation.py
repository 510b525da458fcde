"""What a reader of a simulation is told."""

from __future__ import annotations

import csv
import io
import json

import pytest

from advisor.domain.simulation import Met
from advisor.report.format import Format
from advisor.report.render import render
from tests.samples import SIMULATION

WIDE = 400


def text(**changed: object) -> str:
    return render(SIMULATION.model_copy(update=changed), Format.TABLE, width=WIDE)


def records() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(SIMULATION, Format.CSV))))


def test_every_format_says_that_latencies_are_simulated_and_how_their_speed_is_known() -> None:
    for fmt in (Format.TABLE, Format.MD):
        shown = render(SIMULATION, fmt, width=WIDE)
        assert shown.count("simulated from a published speed, not measured") == 2
        assert "never count as evidence" in shown
    parsed = json.loads(render(SIMULATION, Format.JSON))
    assert (parsed["latencies_are"], parsed["speed_basis"]) == ("simulated", "published")
    assert {(row["latencies_are"], row["speed_basis"]) for row in records()} == {("simulated", "published")}


def test_the_first_line_says_of_each_objective_whether_it_is_kept() -> None:
    first = text().splitlines()[0]
    assert "keeps ttft p95 <= 500 ms with 99.99 % of" in first
    assert "may keep or miss e2e p95 <= 5 s with 95.1 % of" in first
    assert "misses e2e mean <= 3 s with 62 % of" in first


def test_only_all_requests_are_a_hundred_percent() -> None:
    line = SIMULATION.attainment[0].model_copy(update={"share": 1.0, "low": 0.999999, "met": Met.YES})
    row = next(x for x in text(attainment=(line,)).splitlines() if x.startswith("  ttft p95"))
    assert row.split("95 %")[1].split() == ["100", "%", "99.99", "to", "100", "%", "yes"]


@pytest.mark.parametrize(
    ("burstiness", "words"),
    [
        (None, "arriving as in the trace over 6,000 s"),
        (0.0, "arriving evenly spaced over 6,000 s"),
        (1.0, "arriving at random over 6,000 s"),
        (4.0, "arriving with a squared variation of 4 of their gaps over 6,000 s"),
    ],
)
def test_it_says_when_requests_arrive(burstiness: float | None, words: str) -> None:
    assert words in text(burstiness=burstiness, hours=None)


def test_the_length_of_shortened_hours_is_said() -> None:
    assert "along the 24 hours of example-day, simulated as 250 s each" in text()


def test_an_overloaded_fleet_is_said_to_be_one_and_has_no_formula() -> None:
    shown = text(utilization=2.5, formulas=None)
    assert "at 12.5 qps, 250 % of saturation," in shown.splitlines()[0]
    assert "There is no formula for an overloaded fleet." in shown
    assert "by formula" not in shown


def test_a_canvas_has_no_row_of_tpot() -> None:
    latency = SIMULATION.latency.model_copy(update={"tpot_ms": None})
    assert not any(line.startswith("  tpot") for line in text(latency=latency).splitlines())


@pytest.mark.parametrize(
    ("simulated_s", "marks"),
    [
        (3.5, "0 s 1 s 2 s 3 s"),
        (133.0, "0 s 20 s 40 s 60 s 80 s 100 s 120 s"),
        (1_977.0, "0 min 10 min 20 min 30 min"),
        (30_000.0, "0 h 2 h 4 h 6 h 8 h"),
    ],
)
def test_the_time_below_the_bars_is_round(simulated_s: float, marks: str) -> None:
    shown = render(
        SIMULATION.model_copy(update={"hours": None, "simulated_s": simulated_s}), Format.TABLE, width=WIDE
    ).splitlines()
    assert " ".join(shown[shown.index("Over time") + 5].split()) == marks


def test_records_are_of_the_run_its_objectives_its_latencies_and_its_course() -> None:
    found = records()
    count = {name: sum(row["table"] == name for row in found) for name in ("run", "objective", "latency", "timeline")}
    assert count == {"run": 1, "objective": 3, "latency": 4, "timeline": 24}
    assert len(found) == sum(count.values())
    assert found[0]["hours_hour_s"] == "250.0"
    assert found[-1]["start_hours"] == "23.0"
