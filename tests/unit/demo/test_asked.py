"""What a client may ask, and what is refused in the engine's own way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from advisor.demo.asked import Asked, RefusedError, read_asked
from tests.unit.demo.engines import CANVAS, engine

if TYPE_CHECKING:
    from advisor.demo.setup import EngineSetup

PLAIN, DIFFUSION = engine(), engine(canvas=CANVAS)
SAID = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "how are you today"}]


def asked(setup: EngineSetup = PLAIN, *, chat: bool = True, **fields: Any) -> Asked:
    body = {"messages": SAID, **fields} if chat else {"prompt": "how are you", **fields}
    return read_asked(json.dumps(body).encode(), chat=chat, setup=setup, names=("served",))


def refused(setup: EngineSetup = PLAIN, *, chat: bool = True, **fields: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        asked(setup, chat=chat, **fields)
    return caught.value


def test_prompts_are_counted_in_words() -> None:
    assert asked().wish.prompt_tokens == 6
    assert asked(chat=False).wish.prompt_tokens == 3
    assert asked(chat=False, prompt=[5, 6, 7, 8]).wish.prompt_tokens == 4
    assert asked(chat=False, prompt=["one two"]).wish.prompt_tokens == 2
    parts = [{"role": "user", "content": [{"type": "text", "text": "a b"}, {"type": "text", "text": "c"}]}]
    assert asked(messages=parts).wish.prompt_tokens == 3


def test_an_empty_prompt_counts_as_one_token() -> None:
    assert asked(messages=[{"role": "user", "content": ""}]).wish.prompt_tokens == 1


def test_the_reply_is_limited_by_what_is_asked_or_by_the_context() -> None:
    assert asked(max_tokens=7).wish.most_tokens == 7
    assert asked(max_completion_tokens=8, max_tokens=7).wish.most_tokens == 8
    assert asked().wish.most_tokens == PLAIN.longest_tokens - 6


def test_streams_count_usage_only_where_they_are_asked_to() -> None:
    assert not asked(stream=True).counts_usage
    assert asked(stream=True, stream_options={"include_usage": True}).counts_usage
    both = {"include_usage": True, "continuous_usage_stats": True}
    assert asked(stream=True, stream_options=both).counts_always
    assert not asked(stream=True, stream_options={"continuous_usage_stats": True}).counts_always


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", 0),
        ("temperature", 0.7),
        ("seed", 0),
        ("min_tokens", 5),
        ("min_p", 0.1),
        ("logit_bias", {"5": 1}),
        ("bad_words", ["no"]),
        ("allowed_token_ids", [1]),
        ("structured_outputs", {"json": {}}),
        ("response_format", {"type": "json_object"}),
    ],
)
def test_block_diffusion_refuses_what_it_cannot_honor(field: str, value: Any) -> None:
    problem = refused(DIFFUSION, **{field: value})
    assert (problem.status, problem.field) == (400, field)
    assert "diffusion" in str(problem)


def test_block_diffusion_takes_values_that_change_nothing() -> None:
    harmless: dict[str, Any] = {
        "temperature": 1,
        "seed": None,
        "min_tokens": 0,
        "min_p": 0.0,
        "response_format": {"type": "text"},
    }
    assert asked(DIFFUSION, top_k=5, top_p=0.9, **harmless).wish.least_tokens == 1


def test_an_ordinary_model_takes_them() -> None:
    assert asked(temperature=0, seed=1, min_tokens=5, min_p=0.1).wish.least_tokens == 5


@pytest.mark.parametrize(
    ("field", "value"),
    [("n", 2), ("logprobs", True), ("tools", [{"type": "function"}]), ("response_format", {"type": "json_object"})],
)
def test_what_is_not_simulated_is_refused_rather_than_ignored(field: str, value: Any) -> None:
    assert "not simulated" in str(refused(**{field: value}))


def test_steps_of_a_canvas_may_be_limited_by_a_request() -> None:
    assert asked(DIFFUSION, vllm_xargs={"diffusion_max_steps": 5}).wish.most_steps == 5
    assert asked(DIFFUSION).wish.most_steps is None
    assert asked(vllm_xargs={"diffusion_max_steps": 5}).wish.most_steps is None


def test_another_model_is_not_found() -> None:
    problem = refused(model="other")
    assert (problem.status, problem.field, problem.kind) == (404, "model", "NotFoundError")
    assert asked(model="served").model == "served"


def test_what_is_longer_than_the_context_is_refused() -> None:
    problem = refused(max_tokens=60_000)
    assert "maximum context length is 50000" in str(problem)
    assert problem.field == "max_tokens"
    long = [{"role": "user", "content": "word " * 50_000}]
    assert refused(messages=long).field == "messages"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": "7"}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"min_tokens": 9, "max_tokens": 7}, "min_tokens"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages"),
    ],
)
def test_a_malformed_field_is_named(fields: dict[str, Any], field: str) -> None:
    assert refused(**fields).field == field


@pytest.mark.parametrize("prompt", [None, "", 5, ["a", "b"], [[1], [2]], []])
def test_a_prompt_that_is_not_one_text_is_refused(prompt: Any) -> None:
    if prompt == "":
        assert asked(chat=False, prompt=prompt).wish.prompt_tokens == 1
    else:
        assert refused(chat=False, prompt=prompt).field == "prompt"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError, match="JSON"):
        read_asked(body, chat=True, setup=PLAIN, names=("served",))
