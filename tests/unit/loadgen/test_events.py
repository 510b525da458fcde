from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.loadgen.events import EventSplitter

NEWLINES = ("\n", "\r\n", "\r")
TEXTS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)


def split(*pieces: bytes) -> list[bytes]:
    splitter = EventSplitter()
    found = [event for piece in pieces for event in splitter.feed(piece)]
    return found + splitter.finish()


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """Draw a stream, and the data of its events."""
    newline = draw(st.sampled_from(NEWLINES))
    told, text = [], ""
    for lines in draw(st.lists(st.lists(TEXTS, min_size=1, max_size=3), max_size=6)):
        comment = draw(st.sampled_from(["", f": ping{newline}", f"id: 7{newline}", f"retry{newline}"]))
        space = draw(st.sampled_from(["", " "])) if all(not line.startswith(" ") for line in lines) else " "
        text += comment + "".join(f"data:{space}{line}{newline}" for line in lines) + newline
        told.append("\n".join(lines).encode())
    return text.encode(), told


@given(streams(), st.lists(st.integers(min_value=0, max_value=400), max_size=8))
def test_any_split_of_a_stream_gives_the_same_events(stream: tuple[bytes, list[bytes]], cuts: list[int]) -> None:
    data, told = stream
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert split(*(data[low:high] for low, high in pairwise(edges))) == told


@given(streams())
def test_a_stream_that_comes_byte_by_byte_gives_the_same_events(stream: tuple[bytes, list[bytes]]) -> None:
    data, told = stream
    assert split(*(data[at : at + 1] for at in range(len(data)))) == told


def test_several_events_in_one_piece_are_told_apart() -> None:
    assert split(b'data: {"a":1}\n\ndata: {"b":2}\n\ndata: [DONE]\n\n') == [b'{"a":1}', b'{"b":2}', b"[DONE]"]


def test_a_piece_that_ends_one_event_and_is_one_itself_does_not_take_the_short_way() -> None:
    assert split(b"data: a\n", b"data: b\n\n") == [b"a\nb"]


def test_an_event_without_its_blank_line_counts_when_the_stream_ends() -> None:
    assert split(b"data: [DONE]") == [b"[DONE]"]
    assert split(b"data: [DONE]\n") == [b"[DONE]"]


def test_comments_and_unknown_fields_are_no_events() -> None:
    assert split(b": ping\n\nid: 3\n\nretry: 10\n\n") == []


@pytest.mark.parametrize(
    "stream",
    [
        b'error: {"message": "no"}\n\n',
        b'event: error\ndata: {"message": "no"}\n\n',
        b"event: error\r\ndata: no\r\n\r\n",
    ],
)
def test_an_error_told_by_its_field_or_type_has_an_error_key(stream: bytes) -> None:
    (event,) = split(stream)
    assert json.loads(event)["error"] in ({"message": "no"}, "no")


def test_an_error_event_that_names_its_error_stays_as_it_is() -> None:
    assert json.loads(split(b'event: error\ndata: {"error": {"code": 5}}\n\n')[0]) == {"error": {"code": 5}}
