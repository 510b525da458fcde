"""What must hold for every load, objective and price, through the whole of `recommend`."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.domain.assurance import OneFewer
from advisor.domain.model import Precision
from advisor.domain.requests import representative_requests
from advisor.domain.slo import parse_slo
from advisor.errors import InfeasibleError
from advisor.usecases.curves import curves, work_of
from advisor.usecases.grounding.evidence import Evidence
from advisor.usecases.serving import Serving
from tests.shipped import DIFFUSION, GEMMA, H100, SHIPPED, answer, deployment, question, workload

if TYPE_CHECKING:
    from advisor.domain.answer import Candidate
    from advisor.domain.workload import Workload

L40S = "l40s-48gb"
BOTH = {H100: "3.00", L40S: "0.90"}
EVIDENCE = Evidence(SHIPPED)

few = settings(max_examples=6)

qps_values = st.floats(0.1, 120)
limits_s = st.floats(0.6, 20)
factors = st.floats(1.05, 3)
works = st.builds(workload, st.floats(50, 3000), st.floats(20, 900), cv=st.sampled_from([0.0, 0.8]))


def best(qps: float, limit_s: float, **more: Any) -> Candidate | None:
    more = {"prices": BOTH, "precisions": (Precision.FP8,), "work": workload(), "simulate": False, **more}
    try:
        return answer(question(qps, f"e2e:p95<{limit_s:.6f}s", **more)).decision.candidate
    except InfeasibleError:
        return None


def price(plan: Candidate | None) -> Decimal:
    return Decimal("Infinity") if plan is None else plan.usd_per_hour


def close(first: Decimal, second: Decimal) -> bool:
    """Say whether the first costs no more than the second, apart from a tie that latency broke."""
    return first <= second * Decimal("1.02")


@few
@given(qps=qps_values, limit_s=limits_s, more=factors, work=works)
def test_more_load_never_costs_less(qps: float, limit_s: float, more: float, work: Workload) -> None:
    assert close(price(best(qps, limit_s, work=work)), price(best(qps * more, limit_s, work=work)))


@few
@given(qps=qps_values, limit_s=limits_s, wider=factors, work=works)
def test_a_wider_objective_never_costs_more(qps: float, limit_s: float, wider: float, work: Workload) -> None:
    assert close(price(best(qps, limit_s * wider, work=work)), price(best(qps, limit_s, work=work)))


@few
@given(qps=qps_values, limit_s=limits_s, only=st.sampled_from([H100, L40S]))
def test_one_more_gpu_type_to_choose_from_never_costs_more(qps: float, limit_s: float, only: str) -> None:
    alone = best(qps, limit_s, prices={only: BOTH[only]})
    assert close(price(best(qps, limit_s)), price(alone))


@few
@given(qps=qps_values, limit_s=limits_s, only=st.sampled_from([GEMMA, DIFFUSION]))
def test_one_more_model_to_choose_from_never_costs_more(qps: float, limit_s: float, only: str) -> None:
    assert close(price(best(qps, limit_s)), price(best(qps, limit_s, models=(only,))))


@few
@given(qps=qps_values, limit_s=limits_s, factor=st.sampled_from(["0.5", "2", "10"]))
def test_the_price_of_everything_scales_the_cost_and_keeps_the_choice(qps: float, limit_s: float, factor: str) -> None:
    plain = best(qps, limit_s)
    scaled = best(qps, limit_s, prices={gpu: str(Decimal(usd) * Decimal(factor)) for gpu, usd in BOTH.items()})
    assert price(scaled) == price(plain) * Decimal(factor)
    if plain is not None and scaled is not None:
        kept = {"contender", "gpu", "tensor_parallel", "max_num_seqs", "replicas", "latency", "capacity_qps"}
        assert scaled.model_dump(include=kept) == plain.model_dump(include=kept)


@few
@given(qps=qps_values, limit_s=limits_s, headroom=st.floats(0.05, 0.6))
def test_headroom_never_costs_less_and_is_kept(qps: float, limit_s: float, headroom: float) -> None:
    plain, roomy = best(qps, limit_s), best(qps, limit_s, headroom=headroom)
    assert close(price(plain), price(roomy))
    if roomy is not None:
        assert roomy.headroom >= headroom - 1e-3


@few
@given(qps=qps_values, limit_s=limits_s, work=works)
def test_a_chosen_plan_keeps_its_objective_within_its_capacity(qps: float, limit_s: float, work: Workload) -> None:
    plan = best(qps, limit_s, work=work)
    if plan is not None:
        assert plan.latency.e2e_p95_ms <= limit_s * 1e3 * (1 + 1e-4)
        assert plan.capacity_qps >= qps * (1 - 1e-3)
        assert plan.gpus == plan.replicas * plan.tensor_parallel <= plan.gpus_paid


@few
@given(qps=qps_values, limit_s=limits_s, most=st.integers(1, 12))
def test_a_cap_on_gpus_is_kept_and_never_makes_it_cheaper(qps: float, limit_s: float, most: int) -> None:
    free, capped = best(qps, limit_s), best(qps, limit_s, max_gpus=most)
    assert close(price(free), price(capped))
    assert capped is None or capped.gpus <= most


@few
@given(qps=qps_values, limit_s=limits_s)
def test_the_same_question_has_the_same_answer(qps: float, limit_s: float) -> None:
    assert best(qps, limit_s) == best(qps, limit_s)


@pytest.mark.grid
@settings(max_examples=3)
@given(qps=st.floats(0.5, 60), limit_s=limits_s, scv=st.sampled_from([0.0, 1.0, 4.0]))
def test_a_simulated_plan_keeps_its_target_and_has_no_replica_to_spare(qps: float, limit_s: float, scv: float) -> None:
    plan = best(qps, limit_s, simulate=True, burstiness=scv)
    if plan is None:
        return
    found = plan.attainment
    assert found.low is not None
    assert found.low >= 0.95 or found.one_fewer_reason is OneFewer.TIE
    assert plan.saturation_qps.low > qps
    if found.one_fewer_reason is OneFewer.FAILS:
        assert found.one_fewer is not None
        assert found.one_fewer < 0.95


@settings(max_examples=4)
@given(qps=st.floats(0.5, 40), limit_s=limits_s)
def test_more_burstiness_never_costs_less(qps: float, limit_s: float) -> None:
    assert close(price(best(qps, limit_s, burstiness=1.0)), price(best(qps, limit_s, burstiness=6.0)))


def serving(model: str, work: Workload, *, slots: int) -> Serving:
    placed = deployment(model)
    (curve,) = curves(
        [placed],
        work=work_of(representative_requests(work), workload=work, model=placed.model),
        content=work.content,
        constants=SHIPPED.constants,
        evidence=EVIDENCE,
    )
    return Serving(curve, slots)


contenders = pytest.mark.parametrize(("model", "slots"), [(GEMMA, 64), (DIFFUSION, 4)])
OBJECTIVES = ("e2e:p95<{}s", "e2e:mean<{}s", "ttft:p95<{}s", "e2e:p99<{}s;ttft:p50<{}s")


@contenders
@pytest.mark.parametrize("slo", OBJECTIVES)
@few
@given(limit_s=st.floats(0.3, 15), replicas=st.integers(1, 5), work=works)
def test_objectives_hold_at_capacity_and_not_beyond(
    model: str, slots: int, slo: str, limit_s: float, replicas: int, work: Workload
) -> None:
    fleet, objectives = serving(model, work, slots=slots), parse_slo(slo.replace("{}", f"{limit_s:.6f}"))
    capacity = fleet.capacity_rps(objectives, replicas=replicas)
    if capacity > 0:
        assert fleet.meets(objectives, capacity, replicas=replicas)
    beyond = max(capacity, 2e-6 * fleet.station.saturation_rps * replicas) * 1.02
    assert (
        not fleet.meets(objectives, beyond, replicas=replicas)
        or beyond > fleet.secure_share * fleet.station.saturation_rps * replicas
    )


@contenders
@few
@given(limit_s=st.floats(0.3, 10), wider=factors, qps=qps_values, work=works)
def test_a_wider_objective_never_needs_more_replicas(
    model: str, slots: int, limit_s: float, wider: float, qps: float, work: Workload
) -> None:
    fleet = serving(model, work, slots=slots)
    tight, wide = (fleet.replicas(parse_slo(f"e2e:p95<{limit:.6f}s"), qps) for limit in (limit_s, limit_s * wider))
    assert tight is None or (wide is not None and wide <= tight)


@contenders
@few
@given(limit_s=st.floats(0.3, 10), qps=qps_values, more=factors, work=works)
def test_more_load_never_needs_fewer_replicas(
    model: str, slots: int, limit_s: float, qps: float, more: float, work: Workload
) -> None:
    fleet, slo = serving(model, work, slots=slots), parse_slo(f"e2e:p95<{limit_s:.6f}s")
    few_needed, many_needed = fleet.replicas(slo, qps), fleet.replicas(slo, qps * more)
    assert many_needed is None or (few_needed is not None and few_needed <= many_needed)


@contenders
@few
@given(limit_s=st.floats(0.5, 10), qps=qps_values, work=works)
def test_the_fewest_replicas_suffice_and_one_fewer_do_not(
    model: str, slots: int, limit_s: float, qps: float, work: Workload
) -> None:
    fleet, slo = serving(model, work, slots=slots), parse_slo(f"e2e:p95<{limit_s:.6f}s")
    needed = fleet.replicas(slo, qps)
    if needed is not None:
        assert fleet.meets(slo, qps, replicas=needed)
        assert (
            needed == 1
            or not fleet.meets(slo, qps, replicas=needed - 1)
            or qps >= fleet.secure_share * fleet.station.saturation_rps * (needed - 1)
        )


@contenders
@few
@given(work=works, rising=st.lists(st.integers(1, 64), min_size=2, max_size=6))
def test_more_slots_never_lower_the_rate_at_saturation(
    model: str, slots: int, work: Workload, rising: list[int]
) -> None:
    rates = [serving(model, work, slots=count).station.saturation_rps for count in sorted({*rising, slots})]
    between = 1e-4  # relative; curves are worked out on a grid of slots, and read off straight lines between
    assert all(more >= fewer * (1.0 - between) for fewer, more in pairwise(rates))
