from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from advisor.domain.model import Content
from advisor.errors import MeasureError
from advisor.loadgen import Dialect, Inspected, Prompts, Target, inspect
from tests.null_server import Habits, null_server
from tests.unit.loadgen.running import CANVASES, PROMPTS, QUICK


def look(habits: Habits = QUICK, *, name: str = "null", prompts: Prompts | None = None, **target: Any) -> Inspected:
    async def inside() -> Inspected:
        async with null_server(habits) as server:
            return await inspect(Target(server.url, name, **target), prompts=prompts)

    return asyncio.run(inside())


def test_a_server_tells_what_it_is() -> None:
    found = look()
    assert (found.engine, found.engine_version, found.models) == ("vllm", "0.32.0", ("null",))
    assert found.max_model_len == 8192
    assert found.has_metrics
    assert found.dialect == Dialect(stream_usage=True, continuous_usage=True, ignore_eos=True)


@pytest.mark.parametrize(("per_word", "overhead"), [(1.5, 7), (1.0, 0), (2.25, 40)])
def test_two_probes_tell_how_many_tokens_words_have(per_word: float, overhead: int) -> None:
    found = look(replace(QUICK, per_word=per_word, overhead=overhead))
    assert found.tokens.per_word == pytest.approx(per_word, rel=0.01)
    assert found.tokens.overhead == pytest.approx(overhead, abs=1.0)


def test_tokens_of_words_are_told_for_every_kind_of_content_unless_the_prompts_are_ones_own() -> None:
    found = look(replace(QUICK, per_word=2.0, overhead=9))
    assert found.tokens.of_content == {content: pytest.approx(2.0, rel=0.02) for content in Content}
    assert look(prompts=PROMPTS).tokens.of_content == {}


def test_what_a_server_refuses_is_not_asked_again() -> None:
    assert look(replace(QUICK, refuses=("continuous_usage_stats",))).dialect == Dialect(continuous_usage=False)
    assert look(replace(QUICK, refuses=("ignore_eos",))).dialect.ignore_eos is False
    dialect = look(replace(QUICK, refuses=("stream_options",), usage="last")).dialect
    assert (dialect.stream_usage, dialect.ignore_eos) == (False, True)


def test_a_server_that_overlooks_the_forced_length_is_found_out() -> None:
    assert look(replace(QUICK, stops_after=9, heeds_eos=False)).dialect.ignore_eos is False
    assert look(replace(QUICK, stops_after=9)).dialect.ignore_eos is True


def test_running_counts_are_only_believed_where_they_are_seen() -> None:
    assert look(replace(QUICK, continuous=False)).dialect.continuous_usage is False
    assert look(CANVASES).dialect.continuous_usage is True


def test_the_one_model_that_is_served_needs_no_name() -> None:
    assert look(name="").served_name == "null"


def test_a_server_without_a_list_of_models_is_taken_at_its_users_word() -> None:
    found = look(replace(QUICK, models=False, metrics=False), name="anything")
    assert (found.served_name, found.models, found.engine) == ("anything", (), "")


@pytest.mark.parametrize(
    ("changes", "engine"),
    [
        ({"owner": "sglang"}, "sglang"),
        ({"owner": "library"}, "llama.cpp"),
        ({"owner": "advisor-demo"}, "advisor-demo"),
        ({"owner": "somebody"}, "vllm"),
        ({"owner": "somebody", "metrics": False}, ""),
    ],
)
def test_an_engine_is_known_by_its_list_of_models_or_by_its_metrics(changes: dict[str, Any], engine: str) -> None:
    assert look(replace(QUICK, **changes)).engine == engine


def test_a_server_behind_a_prefix_is_found_with_its_metrics() -> None:
    async def inside() -> Inspected:
        async with null_server(replace(QUICK, prefix="/gate")) as server:
            return await inspect(Target(f"{server.url}/gate/v1", "null"))

    assert asyncio.run(inside()).has_metrics


def test_a_server_of_another_model_is_refused() -> None:
    with pytest.raises(MeasureError, match=r"serves null, not gemma$"):
        look(name="gemma")


def test_a_wrong_key_is_told() -> None:
    with pytest.raises(MeasureError, match="refuses the API key"):
        look(replace(QUICK, api_key="right"), api_key="wrong")
    assert look(replace(QUICK, api_key="right"), api_key="right").served_name == "null"


def test_nobody_at_home_is_told_in_one_line() -> None:
    async def inside() -> None:
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        await inspect(Target(f"http://127.0.0.1:{port}", "m"))

    with pytest.raises(MeasureError, match="nobody answers at") as problem:
        asyncio.run(inside())
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("path", ["/version", "/nowhere"])
def test_an_address_of_something_else_is_told(path: str) -> None:
    async def inside() -> None:
        async with null_server(replace(QUICK, models=False)) as server:
            await inspect(Target(f"{server.url}{path}", "m"))

    with pytest.raises(MeasureError, match=r"no OpenAI-style server|does not answer as an OpenAI-style server"):
        asyncio.run(inside())


@pytest.mark.parametrize(
    ("habits", "what"),
    [
        (replace(QUICK, every={1: "http_500"}), "does not answer"),
        (replace(QUICK, every={1: "error_event"}), "does not answer"),
        (replace(QUICK, usage="none"), "does not answer"),
    ],
)
def test_a_server_that_cannot_be_measured_is_told_with_what_it_said(habits: Habits, what: str) -> None:
    with pytest.raises(MeasureError, match=what):
        look(habits)
