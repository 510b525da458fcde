"""Hand-made runs and recommendations as a database keeps them. Every number is invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from advisor.domain.basis import Basis
from advisor.domain.given import GivenRecommendation
from advisor.domain.imported import Imported
from advisor.domain.model import Content, Precision
from advisor.domain.run_figures import Percentiles
from advisor.domain.run_listing import History, RunLine, RunListing

MEASURED_AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def _line(run_id: str, **changes: Any) -> RunLine:
    return RunLine(
        **{
            "id": run_id,
            "campaign": "example-chat",
            "campaign_id": "example-chat-0123abcd",
            "model": "example-diffusion-26b",
            "gpu": "example-gpu-80gb",
            "tensor_parallel": 1,
            "checkpoint": "example-org/example-diffusion-26b",
            "precision": Precision.FP8,
            "engine": "example-engine",
            "engine_version": "0.0.1",
            "speculative": None,
            "max_num_seqs": 32,
            "max_num_batched_tokens": 8192,
            "workload": "chat",
            "content": Content.CHAT,
            "load": "8 in flight",
            "concurrency": 8,
            "offered_rate_rps": None,
            "repeat": 0,
            "request_rate_rps": 4.25,
            "output_tok_s": 1275.0,
            "ttft_ms": Percentiles(mean=610.0, p50=600.0, p95=900.0, p99=1100.0),
            "tpot_ms": None,
            "ntpot_ms": Percentiles(mean=6.3, p50=6.0, p95=9.0, p99=12.0),
            "e2e_s": Percentiles(mean=1.88, p50=1.8, p95=2.7, p99=3.3),
            "requests": 400,
            "completed": 400,
            "failures": {},
            "input_tokens_mean": 800.0,
            "output_tokens_mean": 300.0,
            "steps_per_canvas": 12.5,
            "tokens_per_canvas": 150.0,
            "duration_s": 94.1,
            "valid": True,
            "reasons": (),
            "flags": (),
            "discarded": "",
            "basis": Basis.MEASURED,
            "measured_at": MEASURED_AT,
            "tool": "advisor",
            "source": "",
            **changes,
        }
    )


RUNS = RunListing(
    runs=(
        _line("3f2a9c10d4e84b6f8a51c7d90e12b3a4"),
        _line(
            "3f2a9c107b0d4c6e9f21a8b7c6d5e4f3",
            load="64 in flight",
            concurrency=64,
            request_rate_rps=9.5,
            output_tok_s=2850.0,
            completed=388,
            failures={"http_500": 10, "closed_mid_stream": 2},
            valid=False,
            reasons=("failures: 12 of 400 requests failed, more than 1 in 100",),
            measured_at=MEASURED_AT + timedelta(minutes=4),
        ),
        _line(
            "b81c0f6e2d9a4f7c8e3b5a1d0c9f8e7d",
            model="example-ar-26b",
            checkpoint="example-org/example-ar-26b",
            speculative="example-mtp",
            tensor_parallel=2,
            load="5 requests/s, Poisson",
            concurrency=None,
            offered_rate_rps=5.0,
            request_rate_rps=4.97,
            output_tok_s=1491.0,
            ttft_ms=Percentiles(mean=48.0, p50=45.0, p95=95.0, p99=140.0),
            tpot_ms=Percentiles(mean=11.0, p50=10.5, p95=15.0, p99=19.0),
            e2e_s=Percentiles(mean=3.4, p50=3.2, p95=4.8, p99=5.9),
            steps_per_canvas=None,
            tokens_per_canvas=None,
            flags=("few_requests: 400 requests make a wide p99",),
            measured_at=MEASURED_AT + timedelta(minutes=9),
        ),
        _line(
            "c0ffee00aa11bb22cc33dd44ee55ff66",
            campaign="example-import",
            campaign_id="example-import-89abcdef",
            precision=None,
            checkpoint="",
            engine="",
            engine_version="",
            workload="",
            content=None,
            ttft_ms=Percentiles(mean=500.0),
            ntpot_ms=None,
            e2e_s=None,
            max_num_seqs=None,
            max_num_batched_tokens=None,
            steps_per_canvas=None,
            tokens_per_canvas=None,
            valid=False,
            reasons=("discarded: another job was on the GPU",),
            discarded="another job was on the GPU",
            tool="example-bench",
            source="results/example.json",
            measured_at=MEASURED_AT + timedelta(days=1),
        ),
    )
)

IMPORTED = Imported(added=1, known=1, runs=RUNS.runs[:2])

HISTORY = History(
    recommendations=(
        GivenRecommendation(
            number=7,
            given_at=MEASURED_AT,
            question="50 qps of chat within e2e p95 <= 4 s",
            plan="4 replicas of example-ar-26b+example-mtp fp8, each on 2x example-gpu-80gb",
            usd_per_month=Decimal("23360.00"),
            basis=Basis.PUBLISHED,
            advisor_version="0.1.0",
            evidence_digest="4f53cda18c2baa0c",
        ),
        GivenRecommendation(
            number=12,
            given_at=MEASURED_AT + timedelta(days=2),
            question="2.5 qps of code-generation within ttft p95 <= 500 ms, e2e p95 <= 12 s",
            plan="1 replica of example-diffusion-26b fp8, each on example-gpu-80gb",
            usd_per_month=Decimal("1460.50"),
            basis=Basis.MEASURED,
            advisor_version="0.1.0",
            evidence_digest="9a1158154dfa42ca",
        ),
    )
)
