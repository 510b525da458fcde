from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.model import Content
from advisor.errors import DataError
from advisor.loadgen import prompts_of, read_texts, shipped_prompts
from advisor.loadgen.prompts import word_count

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("amber", "basalt", "cedar", "dune")
PROMPTS = prompts_of(
    [f"Passage {name} has some words\n  and a second line." for name in NAMES],
    tasks=["Say it again.", "Say in one sentence what this text is about, and leave nothing out."],
)


@given(st.integers(min_value=3, max_value=300), st.integers(min_value=0, max_value=500), st.integers(0, 9))
def test_a_prompt_has_the_words_that_were_asked_for(words: int, place: int, seed: int) -> None:
    assert word_count(PROMPTS.compose(place, words, seed=seed)) == words


def test_the_same_place_and_seed_give_the_same_prompt_and_no_other_ones() -> None:
    prompts = {PROMPTS.compose(place, 40, seed=seed) for place in range(50) for seed in range(4) for _ in range(2)}
    assert len(prompts) == 200


def test_each_prompt_begins_with_a_line_of_its_own() -> None:
    lines = [PROMPTS.compose(place, 40, seed=1).split("\n")[0] for place in range(2000)]
    assert len(set(lines)) == 2000


def test_a_shared_beginning_is_the_same_for_all_and_its_share_of_the_words() -> None:
    first, second = (PROMPTS.compose(place, 60, seed=1, shared_words=30) for place in (1, 2))
    assert first.split()[:30] == second.split()[:30]
    assert first.split()[30:32] != second.split()[30:32]
    assert word_count(first) == 60


def test_text_keeps_its_lines_and_indents() -> None:
    assert "\n  and a second line." in PROMPTS.compose(0, 40, seed=0)


def test_every_passage_is_used_before_one_comes_again() -> None:
    for place in range(20):
        named = [word for word in PROMPTS.compose(place, 120, seed=3).split() if word in NAMES]
        assert all(len(set(named[at : at + 4])) == 4 for at in range(len(named) - 3))
        assert all(low != high for low, high in pairwise(named))


@pytest.mark.parametrize("content", list(Content))
def test_every_kind_of_content_comes_with_prompts(content: Content) -> None:
    prompts = shipped_prompts(content)
    assert prompts.tasks
    assert len(prompts.passages) >= 2
    assert word_count(prompts.compose(0, 500, seed=0)) == 500


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_jsonl_and_sharegpt_files_are_read(tmp_path: Path) -> None:
    lines = (
        '{"prompt": "one"}\n\n'
        '{"messages": [{"role": "system", "content": "no"}, {"role": "user", "content": [{"type": "text", "text": "two"}]}]}\n'
        '{"conversations": [{"from": "human", "value": "three"}, {"from": "gpt", "value": "no"}]}\n'
    )
    assert read_texts(write(tmp_path / "a.jsonl", lines)) == ("one", "two", "three")
    sharegpt = (
        '[{"id": "a", "conversations": [{"from": "human", "value": "four"}, {"from": "human", "value": "five"}]}]'
    )
    assert read_texts(write(tmp_path / "b.json", sharegpt)) == ("four\n\nfive",)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"prompt": "one"}\n{"prompt": ""}\n', ":2: has no prompt"),
        ('{"prompt": "one"}\n{"text": "x"}\n', ":2: has no prompt"),
        ('{"prompt": "one"}\n{"prompt"\n', ":2: is no JSON"),
        ('{"prompt": 7}\n', ":1: has no prompt"),
        ("7\n", ":1: has no prompt"),
        ('[{"conversations": []}]', ": entry 1: has no prompt"),
        ("[", ": is no JSON"),
        ("\n", ": has no prompts"),
    ],
)
def test_a_bad_file_of_prompts_is_told_with_its_line(tmp_path: Path, text: str, where: str) -> None:
    path = write(tmp_path / "bad.jsonl", text)
    with pytest.raises(DataError) as problem:
        read_texts(path)
    assert str(problem.value).startswith(f"{path}{where}")


def test_a_missing_file_of_prompts_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_texts(tmp_path / "none.jsonl")
