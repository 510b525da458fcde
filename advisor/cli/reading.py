"""From the text of an option to a value of a question, or one line that says what is wrong with it."""

from __future__ import annotations

from numbers import Number
from typing import TYPE_CHECKING, Any, TypeVar

from advisor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from pydantic_core import ErrorDetails

    from advisor.domain.basis import Basis
    from advisor.domain.model import Decode
    from advisor.domain.offer import PriceBasis
    from advisor.domain.routing import Routing
    from advisor.domain.value import Value

V = TypeVar("V", bound="Value")
N = TypeVar("N")

_PRICE_BASIS_ALIASES = {
    "ondemand": "on-demand",
    "1y": "reserved-1y",
    "3y": "reserved-3y",
    "1-year-cud": "reserved-1y",
    "3-years-cud": "reserved-3y",
    "own": "owned",
}
_ROUTING_ALIASES = {
    "jsq": "least-outstanding",
    "least-requests": "least-outstanding",
    "rr": "round-robin",
    "p2c": "power-of-two",
    "po2": "power-of-two",
}
_BURSTINESS_OF_WORD = {"constant": 0.0, "poisson": 1.0}


def names(texts: Iterable[str] | None, *, option: str) -> tuple[str, ...]:
    """Return the names in comma-separated and repeated options, each once, in order."""
    pieces = [piece.strip() for text in texts or () for piece in text.split(",")]
    found = tuple(dict.fromkeys(piece for piece in pieces if piece))
    if pieces and not found:
        raise InputError(f"{option} names nothing", hint="name one, or leave the option out")
    return found


def price_bases(texts: Iterable[str] | None) -> tuple[PriceBasis, ...]:
    """Return the price bases that short and long names stand for; ``all`` stands for every rented one.

    Raises
    ------
    InputError
        If a name stands for none.
    """
    from advisor.domain.question import ALL_RENTED  # noqa: PLC0415 - pydantic is loaded when a command runs, not before

    bases: list[PriceBasis] = []
    for name in names(texts, option="--price-basis"):
        bases += ALL_RENTED if name.lower() == "all" else [_price_basis(name)]
    return tuple(dict.fromkeys(bases))


def _price_basis(name: str) -> PriceBasis:
    from advisor.domain.offer import PriceBasis  # noqa: PLC0415 - likewise

    plain = name.lower().replace("_", "-")
    try:
        return PriceBasis(_PRICE_BASIS_ALIASES.get(plain, plain))
    except ValueError:
        raise InputError(
            f"--price-basis: unknown price basis {name!r}", hint=f"use {', '.join(PriceBasis)}, 1y, 3y or all"
        ) from None


def pairs(
    texts: Iterable[str] | None, *, option: str, example: str, separators: str, read: Callable[[str], N]
) -> dict[str, N]:
    """Return what ``NAME=FIGURE`` options say, by name.

    Raises
    ------
    InputError
        If one has no name or no figure, or a name comes twice.
    """
    found: dict[str, N] = {}
    for text in names(texts, option=option):
        name, figure = _split(text, separators)
        try:
            value = read(figure)
        except (ValueError, ArithmeticError):
            raise InputError(f"{option}: cannot read {text!r}", hint=f"write {option} {example}") from None
        if not name or name in found:
            raise InputError(
                f"{option}: {text!r} {'names nothing' if not name else 'comes a second time'}",
                hint=f"write {option} {example}",
            )
        found[name] = value
    return found


def _split(text: str, separators: str) -> tuple[str, str]:
    at = max(text.rfind(separator) for separator in separators)
    return (text[:at].strip(), text[at + 1 :].strip()) if at >= 0 else ("", "")


def integers(texts: Iterable[str] | None, *, option: str, example: str) -> tuple[int, ...]:
    """Return comma-separated and repeated whole numbers.

    Raises
    ------
    InputError
        If one is no whole number.
    """
    try:
        return tuple(int(name) for name in names(texts, option=option))
    except ValueError:
        raise InputError(
            f"{option}: {', '.join(texts or ())!r} are no whole numbers", hint=f"write {option} {example}"
        ) from None


def numbers(texts: Iterable[str] | None, *, option: str, example: str) -> tuple[float, ...]:
    """Return comma-separated and repeated numbers.

    Raises
    ------
    InputError
        If one is no number.
    """
    try:
        return tuple(float(name) for name in names(texts, option=option))
    except ValueError:
        raise InputError(
            f"{option}: {', '.join(texts or ())!r} are no numbers", hint=f"write {option} {example}"
        ) from None


def burstiness(text: str | None) -> float | None:
    """Return the squared coefficient of variation that a number or a word stands for; its range is left to the question.

    Raises
    ------
    InputError
        If it is neither.
    """
    if text is None:
        return None
    word = text.strip().lower()
    try:
        return _BURSTINESS_OF_WORD[word] if word in _BURSTINESS_OF_WORD else float(word)
    except ValueError:
        raise InputError(
            f"--burstiness: {text!r} is no number", hint="write 0 or constant, 1 or poisson, 4 for bursts"
        ) from None


def routing(text: str | None) -> Routing | None:
    """Return the rule that a name or an alias stands for.

    Raises
    ------
    InputError
        If it stands for none.
    """
    from advisor.domain.routing import Routing  # noqa: PLC0415 - loaded when a command runs

    if text is None:
        return None
    plain = text.strip().lower().replace("_", "-")
    try:
        return Routing(_ROUTING_ALIASES.get(plain, plain))
    except ValueError:
        raise InputError(f"--routing: unknown rule {text!r}", hint=f"use {', '.join(Routing)}") from None


def decode(text: str | None) -> Decode | None:
    """Return the way of writing that a name stands for.

    Raises
    ------
    InputError
        If it stands for none.
    """
    from advisor.domain.model import Decode  # noqa: PLC0415 - loaded when a command runs

    if text is None:
        return None
    try:
        return Decode(text.strip().lower().replace("-", "_"))
    except ValueError:
        hint = f"use {' or '.join(kind.replace('_', '-') for kind in Decode)}"
        raise InputError(f"--decode: unknown kind {text!r}", hint=hint) from None


def says_none(text: str | None) -> bool:
    """Return whether an option says that there shall be none of what it names."""
    return text is not None and text.strip().lower() == "none"


def said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that options said something about: those that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def seconds(text: str | None, *, option: str, zero_too: bool = False) -> float | None:
    """Return a duration [s], which is in seconds where it names no unit.

    Raises
    ------
    InputError
        If it is no duration, or none at all (0) where that is not allowed by `zero_too`.
    """
    from advisor.domain.slo import parse_duration_s  # noqa: PLC0415 - pydantic is loaded when a command runs

    try:
        return None if text is None else parse_duration_s(text, default_unit="s", zero_too=zero_too)
    except InputError as problem:
        raise InputError(f"{option}: {problem}", hint=problem.hint) from None


def basis(text: str | None, *, allow_simulated: bool) -> Basis:
    """Read the weakest basis to accept; when none is named the weakest there is, simulated only where that is allowed."""
    from advisor.domain.basis import Basis  # noqa: PLC0415 - loaded when a command runs

    accepted = [Basis.MEASURED, Basis.PUBLISHED, Basis.MODELED]
    if text is None:
        return Basis.SIMULATED if allow_simulated else Basis.MODELED
    if text.lower() not in accepted:
        raise InputError(f"--min-basis: unknown basis {text!r}", hint=f"use one of {', '.join(accepted)}")
    return Basis(text.lower())


def iso_date(text: str | None) -> date:
    """Return the date, or that of now (UTC) for None.

    Raises
    ------
    InputError
        If it is not of the form YYYY-MM-DD.
    """
    from datetime import UTC, date, datetime  # noqa: PLC0415 - not needed for --help

    try:
        return date.fromisoformat(text) if text else datetime.now(tz=UTC).date()
    except ValueError:
        raise InputError(f"--today: {text!r} is no date", hint="write it as YYYY-MM-DD") from None


def valid(kind: type[V], *, options: Mapping[str, str], **fields: Any) -> V:
    """Return the value made of all fields that are not None, so that the others keep the default of their kind.

    Raises
    ------
    InputError
        If the value refuses a field; the sentence names the option that `options` lists for it.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - loaded when a command runs, not before

    try:
        return kind(**said(fields))
    except ValidationError as problem:
        raise InputError(_first_refusal(problem.errors()[0], options), hint="see --help for what it takes") from None


def _first_refusal(error: ErrorDetails, options: Mapping[str, str]) -> str:
    field, *inner = error["loc"] or ("",)
    message = _said(error["msg"])
    where = f" {inner[0]}" if inner and isinstance(inner[0], str) else ""
    return f"{options.get(str(field), str(field))}{where}: {message}, got {_shown(error['input'])}"


def _shown(value: object) -> str:
    """Return a refused value as it was written: a number as one, a text in quotes."""
    return f"{value}" if isinstance(value, Number) else repr(value)


def _said(message: str) -> str:
    """Return what pydantic says of a value, without its way of beginning."""
    plain = message.removeprefix("Value error, ")
    return plain[:1].lower() + plain[1:]
