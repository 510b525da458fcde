"""What the price of one GPU type does to an answer, checked against answers at that price."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from advisor.domain.model import Content
from advisor.errors import InputError
from advisor.usecases.crossing.price_effect import price_effect, stay_on
from advisor.usecases.recommend import recommend
from tests.priced import COSTS, GPU, OTHER, cost, crossing
from tests.shipped import NO_DATABASE, question, workload

if TYPE_CHECKING:
    from advisor.domain.answer import Candidate
    from advisor.domain.question import Question

CODE = workload(500, 512, content=Content.CODE)
SMALL_GPU = "rtx-4090-24gb"


def asked(**changed: object) -> Question:
    return question(0.5, "e2e:p95<3s", work=CODE, prices={}, simulate=False).model_copy(update=changed)


def chosen_at(price_usd: float) -> Candidate:
    own = {SMALL_GPU: Decimal(repr(round(price_usd, 6)))}
    answer = recommend(asked(own_usd_per_gpu_hour=own), profiles=None, database=NO_DATABASE)
    return answer.decision.candidate


def test_the_gpu_is_the_cheapest_up_to_the_price_at_which_it_costs_what_another_does() -> None:
    stay = stay_on(crossing(*COSTS), GPU)
    assert stay.at_low
    assert stay.until_usd == pytest.approx(4.0)  # three of them for the twelve dollars elsewhere
    assert stay.then is not None
    assert stay.then.gpu == OTHER


def test_a_gpu_that_stays_the_cheapest_has_no_such_price() -> None:
    stay = stay_on(crossing(cost(1.0, "3.00", gpu=GPU), cost(8.0, "24.00", gpu=GPU)), GPU)
    assert (stay.at_low, stay.until_usd, stay.then) == (True, None, None)


def test_a_gpu_that_never_is_the_cheapest_has_none_either() -> None:
    stay = stay_on(crossing(cost(1.0, "3.00", gpu=OTHER), cost(8.0, "3.00", gpu=OTHER)), GPU)
    assert (stay.at_low, stay.until_usd) == (False, None)


def test_answers_on_either_side_of_the_price_are_on_different_gpus() -> None:
    effect = price_effect(asked(), SMALL_GPU, profiles=None, database=NO_DATABASE)
    until_usd = effect.stay.until_usd
    assert until_usd is not None
    assert chosen_at(until_usd * 0.9).gpu == SMALL_GPU
    assert chosen_at(until_usd * 1.1).gpu != SMALL_GPU


def test_the_costs_are_those_of_answers_at_that_price() -> None:
    effect = price_effect(asked(), SMALL_GPU, profiles=None, database=NO_DATABASE)
    (scope,) = effect.crossover.scopes
    first = scope.costs[0].value
    least = min(point.usd_per_hour for point in scope.costs if point.value == first)
    assert float(chosen_at(first).usd_per_hour) == pytest.approx(float(least), rel=0.02, abs=0.006)  # told in cents


def test_a_gpu_that_cannot_be_rented_is_refused() -> None:
    with pytest.raises(InputError, match="not among the GPUs"):
        price_effect(asked(gpus=("h100-sxm-80gb",)), SMALL_GPU, profiles=None, database=NO_DATABASE)
