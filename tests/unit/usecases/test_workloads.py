"""Presets, traces and own lengths, from options to an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor import catalog
from advisor.domain.model import Content
from advisor.domain.requests import representative_requests
from advisor.domain.slo import Metric
from advisor.domain.workload import LengthLaw, Workload
from advisor.errors import InputError
from advisor.usecases.asking import build_slo, build_workload
from tests.shipped import H100, MTP, ROOT, answer, question

if TYPE_CHECKING:
    from pathlib import Path

PRESETS = catalog.spec_names(ROOT, "workloads")
TRACES = sorted(path.name for path in (ROOT / "traces").glob("*.csv"))


def built(**options: Any) -> Workload:
    nothing = dict.fromkeys(("workload", "trace", "isl", "osl", "isl_cv", "osl_cv", "content", "steps", "cache_hit"))
    return build_workload(**{**nothing, **options}, profiles=None)


def limits(work: Workload, percentile: str = "p95", **options: str) -> list[str]:
    nothing = dict.fromkeys(("ttft", "tpot", "ntpot", "e2e", "slo"))
    return [str(one) for one in build_slo(workload=work, percentile=percentile, **{**nothing, **options})]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_answered_at_five_requests_per_second(name: str) -> None:
    work = built(workload=name)
    slo = "; ".join(f"{o.metric}:{o.statistic}<{o.limit_s}s" for o in work.objectives)
    plan = answer(question(5, slo, work=work, prices={}, gpus=(), simulate=False)).decision.candidate
    assert plan.capacity_qps >= 5 * (1 - 1e-3)


def test_two_traces_are_shipped() -> None:
    assert TRACES == ["azure-code-2023.csv", "azure-conversation-2023.csv"]


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_is_a_workload_like_any_other(name: str) -> None:
    work = built(trace=ROOT / "traces" / name)
    assert len(work.pairs) > 1000
    plan = answer(question(5, "e2e:p95<20s", work=work, simulate=False)).decision.candidate
    assert (plan.gpu, plan.latency.e2e_p95_ms <= 20_000) == (H100, True)


def test_a_trace_is_replayed_request_by_request() -> None:
    work = built(trace=ROOT / "traces" / TRACES[1])
    requests = representative_requests(work)
    assert list(zip(requests.input_tokens, requests.output_tokens, strict=True)) == list(work.pairs)


def test_the_default_workload_is_chat() -> None:
    assert built() == built(workload="chat") == built(workload="CHAT")


def test_a_start_of_a_name_will_do() -> None:
    assert built(workload="summ").name == "summarize"


def test_own_lengths_replace_those_of_a_preset() -> None:
    work = built(workload="rag", isl=800, osl=300, osl_cv=0.5)
    assert work.input == LengthLaw(mean_tokens=800)
    assert work.output == LengthLaw(mean_tokens=300, cv=0.5)


def test_one_own_length_leaves_the_other() -> None:
    assert built(osl=300).input == built().input


def test_a_spread_alone_keeps_the_mean() -> None:
    work = built(isl_cv=2.0)
    assert work.input == LengthLaw(mean_tokens=1155, cv=2.0)


def test_content_steps_and_cache_override_what_came_before() -> None:
    work = built(content="Code", steps=7.5, cache_hit=0.4)
    assert (work.content, work.steps_per_canvas, work.cached_prompt_share) == (Content.CODE, 7.5, 0.4)
    assert built(trace=ROOT / "traces" / TRACES[0], content="code").content is Content.CODE


@pytest.mark.parametrize("more", [{"workload": "chat"}, {"isl": 5.0}, {"osl": 5.0}, {"isl_cv": 0.5}, {"osl_cv": 0.0}])
def test_a_trace_and_lengths_contradict_each_other(more: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="trace"):
        built(trace=ROOT / "traces" / TRACES[0], **more)


@pytest.mark.parametrize("isl", [1e5, 1_000_000.0, 123_456.5])
def test_large_lengths_make_a_workload(isl: float) -> None:
    law = built(isl=isl).input
    assert law is not None
    assert law.mean_tokens == isl


def test_a_limit_takes_the_percentile_asked_for() -> None:
    assert limits(built(), "p99", e2e="4s", ttft="500") == ["ttft p99 <= 500 ms", "e2e p99 <= 4 s"]
    assert limits(built(), "mean", tpot="20ms", slo="e2e:p50<2s") == ["tpot mean <= 20 ms", "e2e p50 <= 2 s"]


def test_without_a_limit_the_objective_of_the_workload_holds() -> None:
    assert limits(built()) == ["e2e p95 <= 12 s"]
    assert limits(built(workload="code-completion")) == ["e2e p95 <= 3 s"]


def test_a_trace_has_a_default_objective() -> None:
    (objective,) = build_slo(
        workload=built(trace=ROOT / "traces" / TRACES[0]),
        ttft=None,
        tpot=None,
        ntpot=None,
        e2e=None,
        percentile="p95",
        slo=None,
    )
    assert objective.metric is Metric.E2E


def test_a_prefix_found_in_the_cache_makes_room_for_more_requests() -> None:
    plain, cached = (
        answer(question(10, "e2e:p95<12s", work=built(workload="summarize", cache_hit=share))).best_by_contender[MTP]
        for share in (0.0, 0.9)
    )
    assert plain is not None
    assert cached is not None
    assert cached.usd_per_hour < plain.usd_per_hour


def test_representative_requests_carry_the_means_and_the_spread() -> None:
    work = built(isl=1000, osl=200, isl_cv=1.0, osl_cv=0.5)
    requests = representative_requests(work)
    assert float(requests.input_tokens.mean()) == pytest.approx(1000)
    assert float(requests.output_tokens.mean()) == pytest.approx(200)
    assert float(np.std(requests.output_tokens)) / 200 == pytest.approx(0.5, rel=0.1)
    assert abs(float(np.corrcoef(requests.input_tokens, requests.output_tokens)[0, 1])) < 0.1


def test_a_workload_file_is_found_by_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ncontent: prose\ninput: {mean_tokens: 9}\noutput: {mean_tokens: 5}\n")
    assert built(workload=str(path)).name == "mine"
