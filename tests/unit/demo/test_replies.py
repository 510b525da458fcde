"""Replies have the shape of the protocol, and as many words as tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.demo.asked import Asked
from advisor.demo.replies import Reply, error_event
from advisor.demo.scheduler import Wish
from advisor.demo.words import WORDS, text


def reply(*, chat: bool = True, streams: bool = True, counts: bool = False, always: bool = False) -> Reply:
    wish = Wish(prompt_tokens=9, most_tokens=1000)
    asked = Asked(chat, "served", wish, streams=streams, counts_usage=counts, counts_always=always)
    return Reply(asked, number=3, reason="length", asked_s=0.0)


def events(data: bytes) -> list[Any]:
    blocks = data.decode().split("\n\n")
    assert blocks.pop() == ""
    assert all(block.startswith("data: ") for block in blocks)
    bodies = [block.removeprefix("data: ") for block in blocks]
    return [body if body == "[DONE]" else json.loads(body) for body in bodies]


def test_the_role_comes_first_together_with_the_first_text() -> None:
    role, first = events(reply().put(1, done=False))
    assert role["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert first["choices"] == [{"index": 0, "delta": {"content": WORDS[0]}, "logprobs": None, "finish_reason": None}]


def test_there_is_one_event_for_each_part() -> None:
    whole = reply()
    whole.put(1, done=False)
    (second,) = events(whole.put(1, done=False))
    assert second["choices"][0]["delta"] == {"content": f" {WORDS[1]}"}
    assert "usage" not in second


def test_the_last_event_says_why_and_usage_follows() -> None:
    whole = reply(counts=True)
    whole.put(256, done=False)
    last, usage, end = events(whole.put(14, done=True))
    assert last["choices"][0]["finish_reason"] == "length"
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 9, "total_tokens": 279, "completion_tokens": 270}
    assert end == "[DONE]"


def test_without_the_wish_no_usage_is_sent() -> None:
    shown = events(reply().put(5, done=True))
    assert [event == "[DONE]" or "usage" in event for event in shown] == [False, False, True]


def test_counts_stand_in_every_event_where_they_are_asked_for() -> None:
    whole = reply(counts=True, always=True)
    shown = events(whole.put(256, done=False)) + events(whole.put(14, done=True))
    assert [event["usage"]["completion_tokens"] for event in shown if event != "[DONE]"] == [0, 256, 270, 270]


def test_completions_have_text_and_no_role() -> None:
    (first,) = events(reply(chat=False).put(3, done=False))
    assert first["object"] == "text_completion"
    assert first["choices"][0]["text"] == " ".join(WORDS[:3])


@pytest.mark.parametrize("chat", [True, False])
def test_a_whole_reply_comes_at_its_end(chat: bool) -> None:
    whole = reply(chat=chat, streams=False)
    assert whole.put(256, done=False) == b""
    body = json.loads(whole.put(44, done=True))
    said = body["choices"][0]["message"]["content"] if chat else body["choices"][0]["text"]
    assert len(said.split()) == body["usage"]["completion_tokens"] == 300
    assert body["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize("chat", [True, False])
@pytest.mark.parametrize("streams", [True, False])
def test_every_reply_says_that_it_is_simulated(chat: bool, streams: bool) -> None:
    shown = reply(chat=chat, streams=streams).put(12, done=True)
    assert b'"system_fingerprint"' in shown
    assert b"simulated" in shown
    assert b"reply is simulated" in shown


def test_an_error_inside_a_stream_is_an_event_and_an_end() -> None:
    problem, end = events(error_event("it broke"))
    assert problem["error"] == {"message": "it broke", "type": "InternalServerError", "param": None, "code": 500}
    assert end == "[DONE]"


@given(st.lists(st.integers(1, 700), min_size=1, max_size=20))
def test_words_are_as_many_as_tokens_however_they_are_cut(parts: list[int]) -> None:
    whole, start = "", 0
    for count in parts:
        whole += json.loads(f'"{text(start, count)}"')
        start += count
    assert len(whole.split()) == start
    assert whole == json.loads(f'"{text(0, start)}"')
