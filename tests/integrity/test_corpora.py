"""The shipped prompt corpora parse, are as large as promised, repeat nothing and lead nowhere."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from advisor.domain.model import Content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2] / "advisor" / "loadgen" / "corpora"
TEXTS = {content: (ROOT / f"{content}.yaml").read_text(encoding="ascii") for content in Content}
CORPORA: dict[Content, dict[str, Any]] = {content: yaml.safe_load(text) for content, text in TEXTS.items()}

TASKS, PASSAGES = 40, 50
TASK_WORDS, PASSAGE_WORDS, FILE_WORDS = (8, 40), (70, 150), (4_000, 7_000)
MOST_SHARED_WORDS = 0.35
ADDRESS = re.compile(
    r"://|\bwww\.|\b[\w.+-]+@[\w-]+\.\w|\b\d{1,3}(?:\.\d{1,3}){3}:\d|\b\w+\.(?:com|org)\b", re.IGNORECASE
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
LEAST_WORDS_OF_A_SENTENCE = 6  # shorter ones are figures of speech, and idioms of a language such as `if err != nil {`

each_content = pytest.mark.parametrize("content", list(Content))


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def sentences(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        spoken = (" ".join(words(part)) for part in SENTENCE_END.split(text))
        yield from (sentence for sentence in spoken if sentence.count(" ") + 1 >= LEAST_WORDS_OF_A_SENTENCE)


def repeated(texts: Iterable[str]) -> list[str]:
    return [text for text, count in Counter(texts).items() if count > 1]


def everything(content: Content) -> list[str]:
    return [*CORPORA[content]["tasks"], *CORPORA[content]["passages"]]


def outside(texts: Iterable[str], least: int, most: int) -> dict[str, int]:
    lengths = {text: len(text.split()) for text in texts}
    return {text: count for text, count in lengths.items() if not least <= count <= most}


def alike(left: str, right: str) -> float:
    """Return the share of the smaller vocabulary that two texts have in common, words of three letters or fewer aside."""
    one, other = ({word for word in words(text) if len(word) > 3} for text in (left, right))
    return len(one & other) / min(len(one), len(other))


def test_there_is_a_corpus_for_each_content_and_no_other() -> None:
    assert sorted(path.stem for path in ROOT.glob("*.yaml")) == sorted(Content)


@each_content
def test_a_corpus_says_where_it_comes_from(content: Content) -> None:
    assert list(CORPORA[content]) == ["origin", "license", "tasks", "passages"]
    assert CORPORA[content]["origin"] == "written for this project, 2026-11"
    assert CORPORA[content]["license"] == "Apache-2.0"


@each_content
def test_a_corpus_has_as_many_texts_as_promised(content: Content) -> None:
    assert len(CORPORA[content]["tasks"]) == TASKS
    assert len(CORPORA[content]["passages"]) == PASSAGES
    assert all(isinstance(text, str) for text in everything(content))


@each_content
def test_texts_are_neither_too_short_nor_too_long(content: Content) -> None:
    assert outside(CORPORA[content]["tasks"], *TASK_WORDS) == {}
    assert outside(CORPORA[content]["passages"], *PASSAGE_WORDS) == {}
    assert outside([" ".join(everything(content))], *FILE_WORDS) == {}


def test_no_text_and_no_sentence_stands_twice_in_any_corpus() -> None:
    texts = [text for content in Content for text in everything(content)]
    assert repeated(" ".join(words(text)) for text in texts) == []
    assert repeated(sentences(texts)) == []


def test_a_repeated_sentence_would_be_noticed() -> None:
    assert repeated(sentences(["Six words are enough for this. No.", "Oh: six words are enough for this! Yes."])) == []
    assert repeated(sentences(["Six words are enough for this. No.", "No. six words are enough,\nfor this"])) == []
    assert repeated(sentences(["Six words are enough for this. No.", "No. Six words are enough for this!"])) != []


@each_content
def test_passages_begin_differently_and_speak_of_different_things(content: Content) -> None:
    passages = CORPORA[content]["passages"]
    assert repeated(" ".join(words(text)[:4]) for text in passages) == []
    close = [
        (a[:40], b[:40]) for i, a in enumerate(passages) for b in passages[i + 1 :] if alike(a, b) > MOST_SHARED_WORDS
    ]
    assert close == []


@each_content
def test_tasks_fit_any_passages_wherever_they_stand(content: Content) -> None:
    placed = [
        task for task in CORPORA[content]["tasks"] if re.search(r"\b(above|below|preceding|following)\b(?! each)", task)
    ]
    assert placed == []
    assert all(task[0].isupper() and task[-1] in ".?" for task in CORPORA[content]["tasks"])


@each_content
def test_no_address_is_named(content: Content) -> None:
    assert {text: found[0] for text in everything(content) if (found := ADDRESS.search(text))} == {}


def test_an_address_would_be_noticed() -> None:
    named = ("see https://a.b/c", "www.acorn", "write to mira@fern.example", "curl 10.0.0.1:80", "shop.example.com")
    assert all(ADDRESS.search(text) for text in named)
    assert not any(ADDRESS.search(text) for text in ("uses: checkout@v4", "deploy@$HOST:releases", "import java.net"))


@each_content
def test_a_corpus_has_no_character_that_nobody_sees(content: Content) -> None:
    assert re.findall(r"[^\n\t\x20-\x7e]", TEXTS[content]) == []
    assert [line for line in TEXTS[content].splitlines() if line != line.rstrip()] == []
