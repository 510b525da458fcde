"""The question on the page, in the address of the page, and on the command line: three spellings of one thing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING

import streamlit as st

from advisor.cli.asked import CalledFile
from advisor.cli.links import LEFT_OUT
from dashboard.choices import choices
from dashboard.fields import BY_OPTION, FIELDS, SIMULATE, UNKNOWN_TO, UPLOADS, Field, Kind, UploadField
from dashboard.parts import escaped
from dashboard.settings import settings
from dashboard.uploads import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.uploads import Upload

START = {"qps": "50", "workload": "chat"}
"""What is asked before anybody enters anything: an answer teaches more than an empty form."""

PAGE_MARK = "."
"""In the names of inputs that belong to one page, such as ``prices.gpu``; no option of the question holds it."""

MOST_LETTERS = 200
"""Length of a text."""

MOST_NUMBER = 1e12
"""Largest number of an input that says no other."""

LEFT_OUT_KEY = f"q_{LEFT_OUT}"
"""Where the visit remembers which options of a command line its link left out."""

_OPTION = re.compile(r"(?<![^,])[a-z][a-z0-9-]{0,29}(?![^,])")
_KEPT = "question"
_UPLOADS: Mapping[str, UploadField] = {entry.option: entry for entry in UPLOADS}


def key_of(field: Field | UploadField) -> str:
    """Return the name under which an input keeps its value."""
    return f"q_{field.option}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as words: options with their values, in the order of the form. Hashable, so that answers can be kept.

    `trace` and `grades` are files that were uploaded. `left_out` names options that the question on a command line had and that
    the link to this one could not carry.
    """

    words: tuple[tuple[str, str], ...]
    trace: Upload | None = None
    simulate: bool = False
    grades: Upload | None = None
    left_out: tuple[str, ...] = ()

    @property
    def uploads(self) -> tuple[tuple[str, Upload], ...]:
        """The options that take a file, with what was uploaded for them."""
        taken = (self.trace, self.grades)
        return tuple((entry.option, given) for entry, given in zip(UPLOADS, taken, strict=True) if given)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The question on the command line of `advisor recommend`."""
        files = {option: CalledFile(given.path, called=given.name) for option, given in self.uploads}
        return (*self._spelled("recommend", files), *settings().arguments)

    @property
    def command(self) -> str:
        """The same to copy into a shell."""
        return self.command_of("recommend")

    def command_of(self, name: str, *more: str, simulates: bool = True) -> str:
        """Return another command of `advisor` that takes the same question, to copy into a shell.

        Options that it does not have are left out. `simulates` says whether it knows of simulations at all.
        """
        files = {option: given.name for option, given in self.uploads}
        spelled = self._spelled(name, files, simulates=simulates)
        return " ".join(quote(word) for word in ("advisor", name, *spelled, *more, *settings().shown))

    @property
    def link(self) -> dict[str, str]:
        """The same in the address of the page, uploads by their digests."""
        files = {option: given.reference for option, given in self.uploads}
        left_out = {LEFT_OUT: ",".join(self.left_out)} if self.left_out else {}
        return {**dict(self.words), **files, **left_out, **({SIMULATE: "yes"} if self.simulate else {})}

    def but(self, **changed: str | None) -> Asked:
        """Return the question with some options changed, None for left out; underscores stand for dashes."""
        named = {name.replace("_", "-"): value for name, value in changed.items()}
        words = {**dict(self.words), **named}
        return replace(self, words=tuple((o, v) for o, v in words.items() if v is not None))

    def _spelled(self, command: str, files: Mapping[str, str], *, simulates: bool = True) -> list[str]:
        spelled: list[str] = []
        for option, value in self.words:
            if option in UNKNOWN_TO.get(command, ()):
                continue
            flag = BY_OPTION[option].kind is Kind.FLAG
            spelled += [f"--{option}"] if flag else [f"--{option}", value]
        spelled += [word for option, file in files.items() for word in (f"--{option}", file)]
        return [*spelled, *(["--no-simulate"] if simulates and not self.simulate else [])]


def load_from_address() -> list[str]:
    """Fill the inputs: from the address of the page, once a session, then as they were; return why parts of it were not taken.

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
    """Return the value of each input by its key, and what to say of the fields of an address that cannot be taken."""
    values: dict[str, object] = {key_of(entry): None for entry in UPLOADS}
    values[f"q_{SIMULATE}"] = given.get(SIMULATE) == "yes"
    values[LEFT_OUT_KEY] = tuple(_OPTION.findall(given.get(LEFT_OUT, "")))[: len(FIELDS)]
    for field in FIELDS:
        values[key_of(field)] = read(field, given.get(field.option, ""))
    refused: list[str] = []
    for option, text in given.items():
        trouble = ""
        if upload := _UPLOADS.get(option):
            known = shelf().find(upload.kind, text)
            values[key_of(upload)] = known and known.reference
        elif option in BY_OPTION:
            trouble = trouble_with(BY_OPTION[option], text)
        elif option not in (SIMULATE, LEFT_OUT):
            trouble = "is not known here"
        if trouble:
            refused.append(f"{option} {trouble}")
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
        return next((name for name in known if name.lower() == text.strip().lower()), None)
    if field.kind in (Kind.NUMBER, Kind.COUNT):
        return _number(text, field)
    return text[:MOST_LETTERS] or None


def trouble_with(field: Field, text: str) -> str:
    """Return why a text cannot be the value of an input, nothing where it can."""
    value, shown = read(field, text), f"({field.label}): '{text[:40]}'"
    if not text or (field.kind is Kind.FLAG and text in {"yes", "no"}):
        return ""
    if field.kind is Kind.SOME:
        unknown = [word for word in text.split(",") if word and not named(word, choices()[field.choices])]
        return f"({field.label}): '{unknown[0][:40]}' is none of the choices" if unknown else ""
    if field.kind is Kind.TEXT:
        return f"{shown} is longer than {MOST_LETTERS} letters" if len(text) > MOST_LETTERS else ""
    if field.kind in (Kind.NUMBER, Kind.COUNT):
        return "" if value is not None else f"{shown} is {_range_in_words(field)}"
    return "" if value else f"{shown} is none of the choices"


def _range_in_words(field: Field) -> str:
    kind = "no whole number" if field.kind is Kind.COUNT else "no number"
    if field.most is None:
        return f"{kind} from {field.least:,} up"
    most = f"{field.most:,}" if isinstance(field.most, int) else f"{field.most:,.12g}"
    return f"{kind} from {field.least:,} to {most}"


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
    if not field.least <= value <= (field.most or MOST_NUMBER):
        return None
    if field.kind is Kind.COUNT:
        return int(value) if value.is_integer() else None
    return value


def spell(value: object) -> str:
    """Return the text that stands for the value of an input, empty where nothing was entered."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value).strip()


def asked(uploads: Mapping[str, Upload]) -> Asked:
    """Return the question that the inputs ask now, with what was uploaded for each kind of file."""
    replaced = {entry.instead_of for entry in UPLOADS if entry.kind in uploads}
    spelled = [(field.option, spell(st.session_state.get(key_of(field)))) for field in FIELDS]
    words = tuple((option, text) for option, text in spelled if text and option not in replaced)
    simulate = bool(st.session_state.get(f"q_{SIMULATE}"))
    left_out: tuple[str, ...] = st.session_state.get(LEFT_OUT_KEY) or ()
    return Asked(words, uploads.get("trace"), simulate, uploads.get("grades"), left_out)


def show_in_address(question: Asked) -> None:
    """Write the question into the address of the page, so that a view is a link; what a page wrote beside it stays."""
    shown = st.query_params.to_dict()
    wanted = question.link | {name: text for name, text in shown.items() if PAGE_MARK in name}
    if shown != wanted:
        st.query_params.from_dict(wanted)


def refused_in_words(troubles: Sequence[str]) -> str:
    """Return what to say of parts of a link that could not be taken, for a place that reads Markdown."""
    return escaped(f"Left out of this link: {'; '.join(sorted(troubles))}.")
