"""The question on the page, in the address of the page, and on the command line: three spellings of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.choices import choices
from dashboard.fields import BY_OPTION, FIELDS, SIMULATE, Field, Kind
from dashboard.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

START = {"qps": "50", "workload": "chat"}
"""What is asked before anybody enters anything: an answer teaches more than an empty form."""

PAGE_MARK = "."
"""In the names of inputs that belong to one page, such as ``prices.gpu``; no option of the question holds it."""

_KEPT = "question"
_TRACE = "trace"


def key_of(field: Field) -> str:
    """Return the name under which an input keeps its value."""
    return f"q_{field.option}"


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace that was uploaded: its name, and where its content lies on this machine."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as words: options with their values, in the order of the form. Hashable, so that answers can be kept."""

    words: tuple[tuple[str, str], ...]
    trace: Trace | None = None
    simulate: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """The question on the command line of `advisor recommend`."""
        return (*self._spelled(self.trace.path if self.trace else ""), *settings().arguments)

    @property
    def command(self) -> str:
        """The same to copy into a shell."""
        return self.command_of("recommend")

    def command_of(self, name: str, *more: str, simulates: bool = True) -> str:
        """Return another command of `advisor` that takes the same question, to copy into a shell.

        `simulates` says whether that command knows of simulations at all.
        """
        spelled = self._spelled(self.trace.name if self.trace else "")
        if not simulates and not self.simulate:
            spelled.remove("--no-simulate")
        return " ".join(quote(word) for word in ("advisor", name, *spelled, *more, *settings().shown))

    @property
    def link(self) -> dict[str, str]:
        """The same in the address of the page; an uploaded trace stays here."""
        return {**dict(self.words), **({SIMULATE: "yes"} if self.simulate else {})}

    def but(self, **changed: str | None) -> Asked:
        """Return the question with some options changed, None for left out; underscores stand for dashes."""
        named = {name.replace("_", "-"): value for name, value in changed.items()}
        words = {**dict(self.words), **named}
        return Asked(tuple((o, v) for o, v in words.items() if v is not None), self.trace, self.simulate)

    def _spelled(self, trace: str) -> list[str]:
        spelled: list[str] = []
        for option, value in self.words:
            flag = BY_OPTION[option].kind is Kind.FLAG
            spelled += [f"--{option}"] if flag else [f"--{option}", value]
        return [*spelled, *(["--trace", trace] if trace else []), *([] if self.simulate else ["--no-simulate"])]


def load_from_address() -> list[str]:
    """Fill the inputs: from the address of the page, once a session, then as they were; return what could not be taken.

    Streamlit forgets the values of inputs when the visitor goes to another page, so they are kept here as well.
    """
    refused: list[str] = []
    if _KEPT not in st.session_state:
        written = {name: text for name, text in st.query_params.to_dict().items() if PAGE_MARK not in name}
        given: Mapping[str, str] = written or START
        st.session_state[_KEPT], refused = _values(given)
    for name, value in st.session_state[_KEPT].items():
        if name not in st.session_state:
            st.session_state[name] = value
    return refused


def _values(given: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
    """Return the value of each input by its key, and the fields of an address that could not be read."""
    refused = [name for name in given if name not in BY_OPTION and name != SIMULATE]
    values: dict[str, object] = {f"q_{SIMULATE}": given.get(SIMULATE) == "yes"}
    for field in FIELDS:
        value = values[key_of(field)] = read(field, given.get(field.option, ""))
        if not value and given.get(field.option):
            refused.append(field.option)
    return values, refused


def keep() -> None:
    """Remember what the inputs say now."""
    st.session_state[_KEPT] = {name: st.session_state.get(name) for name in st.session_state[_KEPT]}


def forget() -> None:
    """Begin anew, as at the first visit."""
    for name in st.session_state.pop(_KEPT, {}):
        st.session_state.pop(name, None)
    st.query_params.from_dict(START)


def read(field: Field, text: str) -> object:
    """Return the value of an input that a text stands for; None, or none chosen, where it stands for none."""
    known = choices().get(field.choices, ())
    if field.kind is Kind.FLAG:
        return text == "yes"
    if field.kind is Kind.SOME:
        return [name for word in text.split(",") if word for name in named(word, known)]
    if field.kind is Kind.ONE:
        return text if text in known else None
    if field.kind is Kind.NUMBER:
        return _number(text, field)
    return text or None


def named(word: str, known: Sequence[str]) -> list[str]:
    """Return the choices that a word means: the one of that name, else those that begin so, else those that hold it."""
    low = word.strip().lower()
    tries = (
        [name for name in known if name == low],
        [name for name in known if name.startswith(low)],
        [name for name in known if low in name],
    )
    return next((found for found in tries if found), [])


def _number(text: str, field: Field) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= (field.most or 1e12) else None


def spell(value: object) -> str:
    """Return the text that stands for the value of an input, empty where nothing was entered."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value).strip()


def asked(trace: Trace | None) -> Asked:
    """Return the question that the inputs ask now."""
    spelled = [(field.option, spell(st.session_state.get(key_of(field)))) for field in FIELDS]
    words = tuple((option, text) for option, text in spelled if text and not (trace and option == "workload"))
    return Asked(words, trace, bool(st.session_state.get(f"q_{SIMULATE}")))


def show_in_address(question: Asked) -> None:
    """Write the question into the address of the page, so that a view is a link; what a page wrote beside it stays."""
    shown = st.query_params.to_dict()
    wanted = question.link | {name: text for name, text in shown.items() if PAGE_MARK in name}
    if shown != wanted:
        st.query_params.from_dict(wanted)


def refused_in_words(options: Sequence[str]) -> str:
    """Return what to say of parts of a link that could not be read."""
    return f"The link says something about {', '.join(sorted(options))} that is not known here; it was left out."
