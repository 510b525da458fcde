"""Answers about prices, kept as the others are: the book as a question uses it, and what the price of one GPU does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from advisor.cli.asked import question_in
from advisor.usecases.crossing.price_effect import price_effect
from advisor.usecases.price_book import price_book
from dashboard.answers import Failure, kept, recommended
from dashboard.settings import settings

if TYPE_CHECKING:
    from advisor.domain.answer import Recommendation
    from advisor.domain.price_book import PriceBookView, PriceEffect
    from dashboard.state import Asked


def book(asked: Asked) -> PriceBookView | Failure:
    """Return the price book as a question uses it, or the expected failure."""
    return _book(asked.arguments)


def effect(asked: Asked, gpu: str) -> PriceEffect | Failure:
    """Return what the price of a GPU does to the answer, or the expected failure."""
    return _effect(asked.arguments, gpu)


def priced(asked: Asked, gpu: str, usd_per_gpu_hour: float) -> Asked:
    """Return the question with an own price of one GPU beside those that it has; the last one of a GPU counts."""
    own = dict(asked.words).get("gpu-cost", "")
    return replace(asked.but(gpu_cost=f"{own}{',' if own else ''}{gpu}={usd_per_gpu_hour:.12g}"), simulate=False)


def at_price(asked: Asked, gpu: str, usd_per_gpu_hour: float) -> Recommendation | Failure:
    """Return the answer by formula at an own price of one GPU, without draws: what a slider moves."""
    return recommended((*priced(asked, gpu, usd_per_gpu_hour).arguments, "--draws", "0"))


@kept()
def _book(arguments: tuple[str, ...]) -> PriceBookView:
    return price_book(question_in(arguments), profiles=settings().profiles)


@kept()
def _effect(arguments: tuple[str, ...], gpu: str) -> PriceEffect:
    return price_effect(question_in(arguments), gpu, **settings().sources)
