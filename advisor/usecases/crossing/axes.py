"""The axes of `crossover` and `sensitivity`: what a value of each does to a question, and where it stands in it.

To add an axis, write one entry of `AXES`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum
from functools import partial
from math import ceil
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.domain.crossover import Axis
from advisor.domain.slo import Metric
from advisor.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.domain.model import Drafter
    from advisor.domain.question import Question
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.market import Market

    Subject = tuple[Question, Shipped]

PRICE = "price"


class Renewed(IntEnum):
    """What a new value of an axis makes anew, each with all before it: prices, the rate, limits, or all curves."""

    PRICES = 0
    RATE = 1
    LIMITS = 2
    CURVES = 3


@dataclass(frozen=True)
class Kind:
    """An axis before it is bound to a question.

    `asked` returns its value in a question, None where it has none; `applied` sets it. `span` is the range around an asked
    value that is looked at by default, and all that can be where the axis is `bounded`. `missing` says why a question has no
    such axis.
    """

    title: str
    unit: str
    renews: Renewed
    asked: Callable[[Market], float | None]
    applied: Callable[[Subject, float], Subject]
    span: Callable[[Market, float], tuple[float, float]]
    missing: str
    bounded: bool = False


@dataclass(frozen=True)
class Bound:
    """An axis of one question with its range."""

    axis: Axis
    renews: Renewed
    applied: Callable[[Subject, float], Subject]
    gpu: str | None = None


def axis_of(text: str, market: Market, shipped: Shipped, *, within: tuple[float, float] | None = None) -> Bound:
    """Return the axis that a text such as ``qps`` or ``price:h100-sxm`` names, with its range.

    Raises
    ------
    InputError
        If there is no such axis, it does not apply to any contender, or its range is empty.
    """
    name, _, gpu = text.partition(":")
    kind = _kind(name.strip().lower(), gpu.strip(), market, shipped)
    asked = kind.asked(market)
    if asked is None:
        raise InputError(f"--axis {text}: {kind.missing}", hint="take another axis, or change the question")
    low, high = within or kind.span(market, asked)
    if not 0.0 < low < high:
        raise InputError(
            f"--range {low:g}:{high:g} holds no value", hint="write --range LOW:HIGH, both positive, low before high"
        )
    if kind.bounded:
        _check_bounds(text, (low, high), kind.span(market, asked))
    found = _gpu(gpu, shipped) if gpu else None
    axis = Axis(
        name=f"{name.strip().lower()}:{found}" if found else name.strip().lower(),
        title=f"{kind.title} of {found}" if found else kind.title,
        unit=kind.unit,
        low=low,
        high=high,
        asked_value=asked,
    )
    return Bound(axis, kind.renews, kind.applied, found)


def _check_bounds(text: str, within: tuple[float, float], possible: tuple[float, float]) -> None:
    if within[0] < possible[0] or within[1] > possible[1]:
        low, high = possible
        raise InputError(
            f"--range {within[0]:g}:{within[1]:g}: {text} lies between {low:g} and {high:g}", hint="narrow the range"
        )


def _kind(name: str, gpu: str, market: Market, shipped: Shipped) -> Kind:
    if name == PRICE and gpu:
        return _price_of(_gpu(gpu, shipped))
    if name == PRICE:
        gpus = sorted({item.deployment.gpu.name for group in market.fitting.values() for item in group})
        raise InputError("--axis price: of which GPU?", hint=f"write --axis price:{gpus[0] if gpus else 'h100'}")
    if name not in AXES or gpu:
        raise UnknownNameError("axis", f"{name}:{gpu}" if gpu else name, [*AXES, "price:GPU"])
    return AXES[name]


def _gpu(text: str, shipped: Shipped) -> str:
    return catalog.resolve("GPU", text, shipped.gpus)


def _around(factor: float) -> Callable[[Market, float], tuple[float, float]]:
    return lambda _market, asked: (asked / factor, asked * factor)


def _set_qps(subject: Subject, value: float) -> Subject:
    question, shipped = subject
    return question.model_copy(update={"qps": value}), shipped


def _limit(metric: Metric, market: Market) -> float | None:
    return min((o.limit_s for o in market.question.slo if o.metric is metric), default=None)


def _set_limit(metric: Metric, subject: Subject, value: float) -> Subject:
    """Set the tightest limit of a metric, and the others of it in proportion."""
    question, shipped = subject
    factor = value / min(o.limit_s for o in question.slo if o.metric is metric)
    scaled = tuple(
        o.model_copy(update={"limit_s": o.limit_s * factor}) if o.metric is metric else o for o in question.slo
    )
    return question.model_copy(update={"slo": scaled}), shipped


def _length(field: str, market: Market) -> float | None:
    law = getattr(market.question.workload, field)
    return None if market.question.workload.pairs or law is None else law.mean_tokens


def _set_length(field: str, subject: Subject, value: float) -> Subject:
    """Set the mean of a length; its relative spread stays, and its maximum moves along."""
    question, shipped = subject
    law = getattr(question.workload, field)
    most = None if law.max_tokens is None else ceil(law.max_tokens * value / law.mean_tokens)
    changed = law.model_copy(update={"mean_tokens": value, "max_tokens": most})
    return question.model_copy(update={"workload": question.workload.model_copy(update={field: changed})}), shipped


def _steps(market: Market) -> float | None:
    for group in market.curves.values():
        if group and group[0].deployment.diffuses:
            return group[0].work.passes_per_canvas - 1.0
    return None


def _set_steps(subject: Subject, value: float) -> Subject:
    question, shipped = subject
    workload = question.workload.model_copy(update={"steps_per_canvas": value})
    return question.model_copy(update={"workload": workload}), shipped


def _most_steps(market: Market, _asked: float) -> tuple[float, float]:
    most = [model.canvas.max_steps for model in market.models if model.canvas]
    return 1.0, float(min(most))


def _drafter(market: Market) -> Drafter | None:
    groups = (group[0].deployment for group in market.fitting.values() if group)
    return next((deployment.drafter for deployment in groups if deployment.drafter), None)


def _acceptance(market: Market) -> float | None:
    drafter = _drafter(market)
    rate = drafter.accepted_tokens.get(market.question.workload.content) if drafter else None
    return rate.value if rate else None


def _most_accepted(market: Market, _asked: float) -> tuple[float, float]:
    drafter = _drafter(market)
    return 1.0, 1.0 + (drafter.draft_tokens if drafter else 1.0)


def _set_acceptance(subject: Subject, value: float) -> Subject:
    question, shipped = subject
    content = question.workload.content

    def accepting(drafter: Drafter) -> Drafter:
        rates = dict(drafter.accepted_tokens)
        if content in rates:
            rates[content] = rates[content].model_copy(update={"value": value})
        return drafter.model_copy(update={"accepted_tokens": rates})

    models = {
        name: model.model_copy(update={"drafters": tuple(accepting(drafter) for drafter in model.drafters)})
        for name, model in shipped.models.items()
    }
    return question, replace(shipped, models=models)


def _price_of(gpu: str) -> Kind:
    def asked(market: Market) -> float | None:
        prices = (float(offer.price_usd_per_gpu_hour) for offer in market.planner.book.offers(gpu))
        return min(prices, default=None) if _runs(market, gpu) else None

    return Kind(
        title="price per GPU-hour",
        unit="USD per GPU-hour",
        renews=Renewed.PRICES,
        asked=asked,
        applied=partial(_set_price, gpu),
        span=_around(4.0),
        missing=f"{gpu} is not among the GPUs that can be rented for this question",
    )


def _runs(market: Market, gpu: str) -> bool:
    return any(item.deployment.gpu.name == gpu for group in market.fitting.values() for item in group)


def _set_price(gpu: str, subject: Subject, value: float) -> Subject:
    question, shipped = subject
    own = {**question.own_usd_per_gpu_hour, gpu: Decimal(repr(value))}
    return question.model_copy(update={"own_usd_per_gpu_hour": own}), shipped


def _limit_kind(metric: Metric, name: str) -> Kind:
    return Kind(
        title=f"limit on {name}",
        unit="s",
        renews=Renewed.LIMITS,
        asked=partial(_limit, metric),
        applied=partial(_set_limit, metric),
        span=_around(8.0),
        missing=f"no objective limits {metric} here",
    )


def _length_kind(field: str) -> Kind:
    return Kind(
        title=f"mean {field} length",
        unit="tokens",
        renews=Renewed.CURVES,
        asked=partial(_length, field),
        applied=partial(_set_length, field),
        span=_around(8.0),
        missing="a trace has lengths of its own",
    )


AXES: Mapping[str, Kind] = {
    "qps": Kind(
        title="load",
        unit="requests/s",
        renews=Renewed.RATE,
        asked=lambda market: market.question.qps,
        applied=_set_qps,
        span=_around(16.0),
        missing="",
    ),
    "output-tokens": _length_kind("output"),
    "input-tokens": _length_kind("input"),
    "steps": Kind(
        title="denoising steps per canvas",
        unit="steps",
        renews=Renewed.CURVES,
        asked=_steps,
        applied=_set_steps,
        span=_most_steps,
        missing="no model here writes in canvases",
        bounded=True,
    ),
    "acceptance": Kind(
        title="tokens that the drafter yields per verified step",
        unit="tokens per step",
        renews=Renewed.CURVES,
        asked=_acceptance,
        applied=_set_acceptance,
        span=_most_accepted,
        missing="no contender here has a drafter",
        bounded=True,
    ),
    "e2e": _limit_kind(Metric.E2E, "end-to-end time"),
    "ttft": _limit_kind(Metric.TTFT, "time to first token"),
    "tpot": _limit_kind(Metric.TPOT, "time per later token"),
    "ntpot": _limit_kind(Metric.NTPOT, "whole time per output token"),
}
