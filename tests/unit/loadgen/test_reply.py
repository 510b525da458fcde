from __future__ import annotations

import json
from typing import Any

import pytest

from advisor.domain.timing import Failure
from advisor.loadgen.reply import Reply

USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def reply_to(*events: Any, forced_tokens: int = 0) -> Reply:
    """Feed one event a second, each in a piece of its own; a string stands for itself."""
    reply = Reply()
    for second, event in enumerate(events, start=1):
        data = event if isinstance(event, str) else json.dumps(event)
        reply.feed(f"data: {data}\n\n".encode(), float(second))
    reply.end(99.0, asked_tokens=forced_tokens or 3, forced=forced_tokens > 0)
    return reply


def test_a_role_chunk_is_no_first_token() -> None:
    role = delta(role="assistant", content="")
    reply = reply_to(role, delta(content="a"), delta("stop", content="b"), {"choices": [], "usage": USAGE}, "[DONE]")
    assert (reply.first_s, reply.last_s, reply.events) == (2.0, 3.0, 2)
    assert reply.failure == ""
    assert reply.done


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "content"])
def test_thinking_counts_as_text(field: str) -> None:
    reply = reply_to(delta(**{field: "hm"}), {**delta("stop"), "usage": USAGE})
    assert (reply.first_s, reply.events, reply.failure) == (1.0, 1, "")


def test_a_tool_call_counts_as_text() -> None:
    call = delta(tool_calls=[{"index": 0, "function": {"arguments": "{"}}])
    reply = reply_to(delta(role="assistant", content=None), call, {**delta("tool_calls"), "usage": USAGE})
    assert (reply.first_s, reply.failure) == (2.0, "")


def test_tokens_are_those_of_the_usage_and_not_of_the_events() -> None:
    reply = reply_to(delta(content="many tokens in one event"), delta("length"), {"choices": [], "usage": USAGE})
    assert reply.tokens("completion_tokens") == 3
    assert reply.tokens("prompt_tokens") == 9
    assert reply.cached_tokens == 4


def test_of_running_counts_the_last_is_taken() -> None:
    early = {**delta(content="a"), "usage": {"prompt_tokens": 9, "completion_tokens": 1}}
    reply = reply_to(early, {**delta("stop", content="b"), "usage": USAGE})
    assert reply.tokens("completion_tokens") == 3


def test_events_known_by_their_pattern_count_like_decoded_ones() -> None:
    texts = [delta(content=f"word {place}") for place in range(50)]
    reply = reply_to(*texts, delta("stop", content=""), {"choices": [], "usage": USAGE}, "[DONE]")
    assert reply._pattern is not None
    assert (reply.first_s, reply.last_s, reply.events, reply.failure) == (1.0, 50.0, 50, "")


def test_an_error_among_events_known_by_their_pattern_is_seen() -> None:
    texts = [delta(content="word") for _ in range(30)]
    reply = reply_to(*texts, {"error": {"message": "died"}}, *texts, "[DONE]")
    assert (reply.failure, reply.detail) == (Failure.ERROR_EVENT, "died")


def test_a_reply_that_ends_before_any_text_has_its_end_for_a_first_event() -> None:
    reply = reply_to(delta(role="assistant"), delta("stop"), {"choices": [], "usage": {"completion_tokens": 1}})
    assert (reply.first_s, reply.last_s, reply.events, reply.failure) == (2.0, 2.0, 0, "")


END = {**delta("stop"), "usage": USAGE}


@pytest.mark.parametrize(
    ("events", "failure"),
    [
        ([delta(content="a"), {"error": {"message": "died"}}, "[DONE]"], Failure.ERROR_EVENT),
        ([delta(content="a"), '{"choices": [{"del', END], Failure.MALFORMED),
        ([delta(content="a"), "[1]", END], Failure.MALFORMED),
        ([{"choices": []}, {"choices": [], "usage": USAGE}, "[DONE]"], Failure.EMPTY_CHOICES),
        ([delta(content="a"), delta("stop"), "[DONE]"], Failure.NO_USAGE),
        ([delta(content="a"), {"choices": [], "usage": USAGE}, "[DONE]"], Failure.TRUNCATED),
        ([delta(content="a"), {**delta("abort"), "usage": USAGE}], Failure.TRUNCATED),
        ([], Failure.TRUNCATED),
    ],
)
def test_what_a_reply_lacks_has_a_name(events: list[Any], failure: Failure) -> None:
    assert reply_to(*events).failure == failure


def test_tokens_are_missing_only_where_a_length_was_forced() -> None:
    assert reply_to(delta(content="a"), END, forced_tokens=4).failure == Failure.TRUNCATED
    assert reply_to(delta(content="a"), END, forced_tokens=3).failure == ""
    assert reply_to(delta(content="a"), END).failure == ""


def test_a_body_that_is_no_stream_is_malformed() -> None:
    reply = Reply()
    reply.feed(b'{"choices": [{"message": {"content": "hello"}}]}', 1.0)
    reply.end(2.0, asked_tokens=1, forced=False)
    assert reply.failure == Failure.MALFORMED


def test_of_two_failures_the_first_is_told() -> None:
    assert reply_to("{", {"error": "died"}).failure == Failure.MALFORMED
