"""Whatever is wrong with a file, it is read or it is one clear failure: never a crash."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalog.results import Told
from advisor.errors import AdvisorError
from advisor.usecases.results.importing import read_all
from tests.unit.catalog.results.told import sample, written
from tests.unit.usecases.imports import DESCRIBED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

GIVEN = Told(model="gemma-4-26b-a4b", gpu="h100", measured_at=datetime(2026, 11, 24, tzinfo=UTC))
NAMES = {
    "vllm-bench": ("detailed.json", "failing.json", "held-back.json", "ramp.json"),
    "guidellm": ("poisson.json", "failing.json"),
    "aiperf": ("closed/profile_export_aiperf.json", "poisson/profile_export_aiperf.json"),
    "genai-bench": ("normal/N64_10_32_8_text-to-text_num_concurrency_2_time_1s.json",),
}
SAMPLES = [(tool, sample(f"{tool}/{name}")) for tool, names in NAMES.items() for name in names]
WRONG = st.sampled_from(
    [None, True, "", "x", "0", 0, -1, 1, 1.5, 1e308, 10**30, float("nan"), float("inf"), [], [0], [None], {}, {"a": 1}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each part of a JSON value; of long lists to the first entries only."""
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*path, name))


PLACES = [(tool, document, list(places(document))) for tool, document in SAMPLES]


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    tool, document, ways = PLACES[data.draw(st.integers(0, len(PLACES) - 1))]
    damaged = copy.deepcopy(document)
    *way, last = ways[data.draw(st.integers(0, len(ways) - 1))]
    inner = damaged
    for part in way:
        inner = inner[part]
    inner[last] = data.draw(WRONG)
    path = written(tmp_path_factory.mktemp("damage"), "profile_export_aiperf.json", damaged)
    try:
        read_all([path], GIVEN, fmt=tool, described=DESCRIBED)
    except AdvisorError as failure:
        assert str(failure).startswith(str(path))  # noqa: PT017 - either outcome will do
