"""A simulation as a picture."""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.slo import parse_slo
from advisor.report.plot import chart, plotted
from tests.samples import SIMULATION

if TYPE_CHECKING:
    from advisor.domain.simulation import Simulation

CALM = SIMULATION.model_copy(
    update={
        "hours": None,
        "trace": "example-trace",
        "burstiness": None,
        "saturation_qps": 100.0,
        "timeline": tuple(moment.model_copy(update={"start_hours": None}) for moment in SIMULATION.timeline),
    }
)


def chunks(png: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind = png[at + 4 : at + 8]
        found[kind] = found.get(kind, b"") + png[at + 8 : at + 8 + size]
        at += 12 + size
    return found


def words(answer: Simulation) -> str:
    return plotted(answer, suffix="svg").decode()


def rules(answer: Simulation) -> list[float]:
    """Return where a line is drawn for a limit, in all panels."""
    spec = chart(answer).to_dict()
    layers = [layer for panel in spec["vconcat"] for layer in panel["layer"] if layer["mark"]["type"] == "rule"]
    return [float(rows(spec, layer)[0]["figure"]) for layer in layers]


def rows(spec: dict[str, Any], layer: dict[str, Any]) -> list[dict[str, Any]]:
    return list(spec["datasets"][layer["data"]["name"]])


@pytest.mark.parametrize("answer", [SIMULATION, CALM])
def test_a_png_is_one_wide_enough_to_be_read_and_not_empty(answer: Simulation) -> None:
    png = plotted(answer, suffix="png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    parts = chunks(png)
    width_px, height_px = struct.unpack(">II", parts[b"IHDR"][:8])
    assert 1600 <= width_px <= 2000
    assert 1000 <= height_px <= 1600
    assert len(set(zlib.decompress(parts[b"IDAT"]))) > 50


def test_a_page_opens_without_a_network() -> None:
    page = plotted(SIMULATION, suffix="html").decode()
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)\s*=\s*[\"']?\s*(https?:)?//", page)
    assert not re.search(r"import\s*(\(|[^;]{0,80}from)\s*[\"']https?://", page)
    assert SIMULATION.gpu in page


def test_a_picture_says_what_it_shows_and_that_nothing_was_measured() -> None:
    text = words(SIMULATION)
    for piece in (
        "example-ar-26b+example-mtp fp8 on 2x example-gpu-80gb at 12.5 qps",
        "simulated from a published speed, not measured",
        "arrivals [requests/s]",
        "slots in use, mean",
        "waiting, most",
        "e2e p95 by arrival [s]",
        "limit of e2e p95: 5 s",
        "limit of e2e mean: 3 s",
        "hour of example-day (simulated as 250 s each)",
    ):
        assert piece in text


def test_without_a_daily_profile_time_is_in_seconds() -> None:
    assert "time [s]" in words(CALM)
    assert "hour of" not in words(CALM)


def test_the_limits_of_latency_are_drawn_always_and_other_lines_where_they_are_near() -> None:
    assert rules(SIMULATION) == [22.0, 128.0, 5.0, 3.0]
    far = CALM.model_copy(update={"slots_used": CALM.slots_used.model_copy(update={"peak": 10})})
    assert rules(far) == [5.0, 3.0]


def test_objectives_on_other_latencies_are_no_lines_in_the_panel_of_e2e() -> None:
    assert rules(CALM.model_copy(update={"slo": parse_slo("ttft:p95<500ms")})) == [128.0]


def test_a_stretch_without_requests_is_a_gap() -> None:
    spec = chart(SIMULATION).to_dict()
    drawn = rows(spec, spec["vconcat"][2]["layer"][0])
    assert [row["figure"] for row in drawn].count(None) == 1
