"""Spares, availability, a replica down, headroom, and fleets that follow the day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from advisor import catalog
from advisor.domain.daily import DailyProfile
from advisor.domain.offer import PriceBasis
from advisor.errors import InfeasibleError, InputError
from advisor.planning.sparing import enough_up
from advisor.usecases.sparing import Spares
from tests.shipped import DIFFUSION, GEMMA, H100, ROOT, answer, question, workload

CHAT = workload(1155, 211, cv=0.8)
NIGHT_AND_DAY = DailyProfile(name="night-and-day", relative_rate=(*(0.2,) * 12, *(1.8,) * 12))


def test_spares_stand_beside_the_replicas_that_are_needed_and_are_paid() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,)}
    bare, spared = (answer(question(20, "e2e:p95<4s", spares=n, **asked)).decision.candidate for n in (0, 2))
    assert (bare.spares, spared.spares) == (0, 2)
    assert spared.replicas == bare.replicas + 2
    assert spared.usd_per_hour == Decimal(spared.replicas) * Decimal("3.00")
    assert spared.utilization < bare.utilization
    assert spared.latency.e2e_p95_ms < bare.latency.e2e_p95_ms
    assert spared.attainment == bare.attainment, "with its spares down it is the same fleet"


def test_an_availability_takes_as_many_spares_as_the_binomial_law_says() -> None:
    plan = answer(question(20, "e2e:p95<4s", work=CHAT, models=(DIFFUSION,), availability=0.999)).decision.candidate
    needed = plan.replicas - plan.spares
    assert enough_up(needed, installed=plan.replicas, availability=0.995) >= 0.999
    assert enough_up(needed, installed=plan.replicas - 1, availability=0.995) < 0.999


def test_spot_replicas_need_more_spares_than_those_on_demand() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (GEMMA,), "prices": {}, "gpus": ("h100-nvl",)}
    spares = {
        basis: answer(
            question(200, "e2e:p95<12s", availability=0.9999, price_bases=(basis,), simulate=False, **asked)
        ).decision.candidate.spares
        for basis in (PriceBasis.ON_DEMAND, PriceBasis.SPOT)
    }
    assert spares[PriceBasis.SPOT] > spares[PriceBasis.ON_DEMAND]


def test_spares_count_against_the_gpus_allowed() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,), "gpus": (H100,)}
    bare = answer(question(20, "e2e:p95<4s", **asked)).decision.candidate.replicas
    assert answer(question(20, "e2e:p95<4s", max_gpus=bare + 1, spares=1, **asked)).decision.candidate.gpus <= bare + 1
    with pytest.raises(InfeasibleError):
        answer(question(20, "e2e:p95<4s", max_gpus=1, spares=1, **asked))


def test_one_replica_down_is_slower_and_none_left_is_none() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,)}
    several = answer(question(20, "e2e:p95<4s", spares=1, **asked)).decision.candidate
    assert several.one_down_e2e_p95_ms is not None
    assert several.one_down_e2e_p95_ms > several.latency.e2e_p95_ms
    assert answer(question(0.2, "e2e:p95<4s", **asked)).decision.candidate.one_down_e2e_p95_ms is None


def test_headroom_is_simulated_at_the_load_that_it_allows() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,)}
    plain, roomy = (answer(question(20, "e2e:p95<2s", headroom=h, **asked)).decision.candidate for h in (0.0, 0.4))
    assert roomy.replicas > plain.replicas
    assert roomy.attainment.low is not None
    assert roomy.attainment.low >= 0.95


def test_a_daily_profile_sizes_for_its_busiest_hour_and_prices_both_fleets() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,)}
    plan = answer(question(20, "e2e:p95<4s", daily=NIGHT_AND_DAY, **asked)).decision.candidate
    flat = answer(question(36, "e2e:p95<4s", **asked)).decision.candidate
    assert plan.replicas == flat.replicas
    schedule = plan.schedule
    assert schedule is not None
    assert schedule.peak_qps == pytest.approx(36)
    assert len(schedule.replicas_by_hour) == 24
    assert set(schedule.replicas_by_hour[12:]) == {plan.replicas}
    assert max(schedule.replicas_by_hour[:12]) < plan.replicas
    assert schedule.static_usd_per_month == plan.usd_per_month


def test_a_schedule_pays_whole_hours_and_the_starts_ahead_of_them() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,), "prices": {}, "gpus": ("h100-pcie",)}
    plan = answer(question(20, "e2e:p95<4s", daily=NIGHT_AND_DAY, startup_s=360, **asked)).decision.candidate
    schedule = plan.schedule
    assert schedule is not None
    assert schedule.scheduled_usd_per_month is not None
    night, day = schedule.replicas_by_hour[0], schedule.replicas_by_hour[-1]
    assert schedule.paid_replica_hours == pytest.approx(12 * night + 12 * day + (day - night) * 0.1)
    each = plan.offer.usd_per_hour_each / (plan.offer.gpu_count or 1)
    expected = each * 730 * Decimal(str(schedule.paid_replica_hours)) / 24
    assert schedule.scheduled_usd_per_month == pytest.approx(expected, abs=Decimal("0.02"))
    assert schedule.saving_share == pytest.approx(1 - float(schedule.scheduled_usd_per_month / plan.usd_per_month))


def test_a_fleet_of_one_saves_nothing_and_a_commitment_neither() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (GEMMA,), "daily": NIGHT_AND_DAY}
    alone = answer(question(0.2, "e2e:p95<12s", prices={}, gpus=("h100-pcie",), **asked)).decision.candidate.schedule
    assert alone is not None
    assert set(alone.replicas_by_hour) == {1}
    assert alone.saving_share == 0
    owned = answer(question(20, "e2e:p95<12s", **asked)).decision.candidate.schedule
    assert owned is not None
    assert (owned.scheduled_usd_per_month, owned.saving_share) == (None, None)


def test_a_steady_load_has_no_schedule() -> None:
    assert answer(question(20, "e2e:p95<12s", work=CHAT)).decision.candidate.schedule is None


def test_hours_never_need_more_replicas_than_the_peak_nor_fewer_than_one() -> None:
    wild = DailyProfile(name="wild", relative_rate=tuple(float(hour % 7) for hour in range(168)))
    plan = answer(question(30, "e2e:p95<3s", work=CHAT, models=(DIFFUSION,), daily=wild, spares=1)).decision.candidate
    assert plan.schedule is not None
    hours = plan.schedule.replicas_by_hour
    assert len(hours) == 168
    assert min(hours) == 2, "one and its spare"
    assert max(hours) == plan.replicas


def test_a_start_up_longer_than_an_hour_is_paid_by_the_hours_it_spans_and_never_more_than_the_fixed_fleet() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,), "prices": {}, "gpus": ("h100-pcie",)}
    schedules = [
        answer(
            question(20, "e2e:p95<4s", daily=NIGHT_AND_DAY, startup_s=hours * 3600, **asked)
        ).decision.candidate.schedule
        for hours in (0.1, 1, 2.5, 100)
    ]
    costs = [s.scheduled_usd_per_month for s in schedules if s is not None and s.scheduled_usd_per_month is not None]
    assert len(costs) == 4
    assert costs == sorted(costs)
    assert schedules[0] is not None
    assert costs[-1] == schedules[0].static_usd_per_month
    night, day = schedules[0].replicas_by_hour[0], schedules[0].replicas_by_hour[-1]
    assert schedules[2] is not None
    assert schedules[2].paid_replica_hours == pytest.approx(12 * night + 12 * day + 2.5 * (day - night))


def test_hours_of_a_bursty_trace_are_simulated_too() -> None:
    work = catalog.read_trace(ROOT / "traces" / "azure-code-2023.csv")
    asked: dict[str, Any] = {"work": work, "models": (DIFFUSION,), "prices": {}, "gpus": ("b200",)}
    plan = answer(question(5, "e2e:p95<12s", daily=NIGHT_AND_DAY, **asked)).decision.candidate
    assert plan.schedule is not None
    night = answer(question(1, "e2e:p95<12s", **asked)).decision.candidate
    assert plan.schedule.replicas_by_hour[0] >= night.replicas


def test_as_many_spares_as_fit_are_found_at_once_in_a_large_fleet() -> None:
    rule = Spares(fixed=0, target=0.999, availability={"on-demand": 0.995})
    needed = rule.most_needed(4096, "on-demand")
    assert needed + rule.beside(needed, "on-demand") <= 4096
    assert needed + 1 + rule.beside(needed + 1, "on-demand") > 4096
    assert rule.most_needed(1, "on-demand") == 0


def test_the_sources_of_availability_and_start_up_are_cited() -> None:
    shown = answer(question(20, "e2e:p95<4s", work=CHAT, daily=NIGHT_AND_DAY, availability=0.999, simulate=False))
    assert {"availability", "startup"} <= {source.kind for source in shown.sources}


def test_a_larger_share_than_can_be_simulated_is_refused_unless_formulas_will_do() -> None:
    with pytest.raises(InputError, match="more than the simulation can confirm"):
        answer(question(1, "e2e:p95<12s", attainment=0.99999))
    formulas = answer(question(1, "e2e:p95<12s", attainment=0.99999, simulate=False)).decision.candidate
    assert formulas.attainment.target == 0.99999


def test_a_trace_whose_requests_come_all_at_once_lends_its_lengths_and_says_so() -> None:
    shown = answer(
        question(
            1, "e2e:p95<12s", work=CHAT.model_copy(update={"input": None, "output": None, "pairs": ((100, 50),) * 5})
        )
    )
    assert "trace_without_times" in {caution.code for caution in shown.warnings}
