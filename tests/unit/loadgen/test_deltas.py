from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.loadgen.deltas import EventError, decode, pattern_of, read

SIMPLE = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
EXTRA = st.dictionaries(st.sampled_from(["id", "created", "content", "text", "note", "logprobs"]), SIMPLE, max_size=4)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an event with text of one of the two forms, among fields that mimic it."""
    carried = draw(st.sampled_from(["chat", "text"]))
    text = draw(st.text(min_size=1, max_size=8))
    choice: dict[str, Any] = {**draw(EXTRA), "finish_reason": draw(st.none() | st.just("stop"))}
    choice |= {"delta": {**draw(EXTRA), "content": text}} if carried == "chat" else {"text": text}
    usage = draw(st.none() | st.just({"prompt_tokens": 3, "completion_tokens": 4}))
    return {**draw(EXTRA), "choices": [choice], "usage": usage}


def with_text(event: dict[str, Any], text: str) -> dict[str, Any]:
    choice = event["choices"][0]
    changed = {"delta": {**choice["delta"], "content": text}} if "delta" in choice else {"text": text}
    return {**event, "choices": [{**choice, **changed}]}


@given(events(), st.text(max_size=12), st.booleans())
def test_what_a_pattern_recognizes_says_the_same_as_the_event_it_was_made_of(
    event: dict[str, Any], text: str, ascii_only: bool
) -> None:
    pattern = pattern_of(json.dumps(event).encode(), event)
    other = json.dumps(with_text(event, text), ensure_ascii=ascii_only).encode()
    if pattern is not None and pattern.matches(other):
        assert text
        assert read(decode(other)) == read(event)


@given(events(), st.binary(max_size=10))
def test_whatever_bytes_a_pattern_recognizes_are_the_event_with_another_text(
    event: dict[str, Any], between: bytes
) -> None:
    pattern = pattern_of(json.dumps(event).encode(), event)
    if pattern is None:
        return
    data = pattern.before + between + pattern.after
    if pattern.matches(data):
        assert with_text(decode(data), "") == with_text(event, "")


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("choice", [{"delta": {"content": "a"}}, {"text": "a"}])
def test_plain_text_of_both_forms_is_recognized(choice: dict[str, Any], separators: tuple[str, str]) -> None:
    event = {"id": "x", "choices": [{"index": 0, **choice, "finish_reason": None}]}
    pattern = pattern_of(json.dumps(event, separators=separators).encode(), event)
    assert pattern is not None
    assert pattern.matches(json.dumps(with_text(event, ' of\n"two" lines'), separators=separators).encode())


def test_an_event_without_text_or_with_another_field_is_not_recognized() -> None:
    event = {"choices": [{"delta": {"content": "a"}, "finish_reason": None}]}
    pattern = pattern_of(json.dumps(event).encode(), event)
    assert pattern is not None
    ended = {"choices": [{"delta": {"content": "b"}, "finish_reason": "stop"}]}
    assert not pattern.matches(json.dumps(with_text(event, "")).encode())
    assert not pattern.matches(json.dumps(ended).encode())
    assert not pattern.matches(b'{"error": "no"}')


def test_a_text_beside_two_choices_makes_no_pattern() -> None:
    event = {"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}]}
    assert pattern_of(json.dumps(event).encode(), event) is None


@pytest.mark.parametrize(
    "data", [b"{", b"[1]", b"7", b"\xff", b'{"choices": 3}', b'{"choices": [3]}', b'{"usage": [1]}']
)
def test_what_no_completion_may_send_is_an_error(data: bytes) -> None:
    with pytest.raises(EventError):
        read(decode(data))


def test_space_around_an_event_does_not_matter() -> None:
    assert decode(b' {"a": 1} ') == {"a": 1}
    with pytest.raises(EventError):
        decode(b'{"a": 1} {}')


@pytest.mark.parametrize("count", [-1, 1.5, "3", True])
def test_a_usage_that_does_not_count_is_an_error(count: object) -> None:
    with pytest.raises(EventError):
        read({"choices": [], "usage": {"completion_tokens": count}})


def test_nulls_say_nothing() -> None:
    said = read({"choices": None, "usage": None, "error": None})
    assert (said.text, said.choices, said.usage, said.error) == (False, False, None, "")
