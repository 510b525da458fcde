"""`/metrics` in the words of vLLM: the engine's own counts, read when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from advisor.demo.job import ABORT, LENGTH, STOP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

    from advisor.demo.job import Job
    from advisor.demo.pacing import Pacer
    from advisor.demo.scheduler import Scheduler

LABELS = ("engine", "model_name")
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)

REASONS = (STOP, LENGTH, ABORT)


class Measures(Collector):
    """Histograms that are kept, and gauges and counters that are read off the scheduler."""

    def __init__(self, scheduler: Scheduler, pacer: Pacer, *, model: str) -> None:
        self._scheduler, self._pacer = scheduler, pacer
        self._labels = ("0", model)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._first = self._histogram("time_to_first_token_seconds", "Arrival to first text.", SECONDS)
        self._whole = self._histogram("e2e_request_latency_seconds", "Arrival to last text.", SECONDS)
        self._prompt = self._histogram("request_prompt_tokens", "Prompt tokens of a request.", TOKENS)
        self._written = self._histogram("request_generation_tokens", "Reply tokens of a request.", TOKENS)
        self._iteration = self._histogram("iteration_tokens_total", "Tokens of an iteration.", TOKENS)

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)

    def saw_iteration(self, tokens: int) -> None:
        """Note an iteration and the tokens in it."""
        self._iteration.observe(tokens)

    def saw_first(self, ttft_s: float) -> None:
        """Note the first text of a request."""
        self._first.observe(ttft_s)

    def saw_end(self, e2e_s: float, job: Job) -> None:
        """Note a request that was served to its end."""
        self._whole.observe(e2e_s)
        self._prompt.observe(job.prompt_tokens)
        self._written.observe(job.written)

    def collect(self) -> Iterator[Metric]:
        """Yield gauges and counters as they stand."""
        yield from (self._gauge(name, value) for name, value in self._gauges().items())
        yield from (self._counter(name, value) for name, value in self._counters().items())
        yield self._by("request_success", "finished_reason", {r: self._finished.get(r, 0) for r in REASONS})
        if self._scheduler.setup.draft:
            places = {str(place): count for place, count in enumerate(self._scheduler.tally.accepted_at)}
            yield self._by("spec_decode_num_accepted_tokens_per_pos", "position", places)
        yield self._cache_config()

    @property
    def _finished(self) -> dict[str, int]:
        return self._scheduler.tally.finished

    def _gauges(self) -> dict[str, float]:
        return {
            "vllm:num_requests_running": self._scheduler.running,
            "vllm:num_requests_waiting": self._scheduler.waiting,
            "vllm:kv_cache_usage_perc": self._scheduler.kv_usage_share,
            "advisor_demo:worst_lateness_seconds": self._pacer.late_s,
        }

    def _counters(self) -> dict[str, float]:
        tally, setup = self._scheduler.tally, self._scheduler.setup
        counters: dict[str, float] = {
            "vllm:num_preemptions": tally.preemptions,
            "vllm:prompt_tokens": tally.prompt_tokens,
            "vllm:prompt_tokens_cached": tally.cached_prompt_tokens,
            "vllm:prefix_cache_queries": tally.prompt_tokens,
            "vllm:prefix_cache_hits": tally.cached_prompt_tokens,
            "vllm:generation_tokens": tally.generation_tokens,
            "advisor_demo:iterations": tally.iterations,
            "advisor_demo:lost_seconds": self._pacer.lost_s,
        }
        if setup.canvas:
            counters["vllm:diffusion_num_denoising_steps"] = tally.denoising_steps
            counters["vllm:diffusion_num_canvas_positions"] = tally.canvas_positions
            counters["vllm:diffusion_num_committed_tokens"] = tally.committed_tokens
        if setup.draft:
            counters["vllm:spec_decode_num_drafts"] = tally.drafts
            counters["vllm:spec_decode_num_draft_tokens"] = tally.draft_tokens
            counters["vllm:spec_decode_num_accepted_tokens"] = tally.accepted_draft_tokens
        return counters

    def _gauge(self, name: str, value: float) -> Metric:
        family = GaugeMetricFamily(name, "Simulated.", labels=LABELS)
        family.add_metric(self._labels, value)
        return family

    def _counter(self, name: str, value: float) -> Metric:
        family = CounterMetricFamily(name, "Simulated.", labels=LABELS)
        family.add_metric(self._labels, value)
        return family

    def _by(self, name: str, label: str, counts: dict[str, int]) -> Metric:
        family = CounterMetricFamily(f"vllm:{name}", "Simulated.", labels=(*LABELS, label))
        for value, count in counts.items():
            family.add_metric((*self._labels, value), count)
        return family

    def _cache_config(self) -> Metric:
        labels = (*LABELS, "kv_cache_size_tokens", "enable_prefix_caching")
        family = GaugeMetricFamily("vllm:cache_config_info", "Simulated.", labels=labels)
        setup = self._scheduler.setup
        caches = "True" if setup.cached_prompt_share else "False"
        family.add_metric((*self._labels, str(setup.kv_tokens), caches), 1.0)
        return family

    def _histogram(self, name: str, sense: str, buckets: tuple[float, ...]) -> Histogram:
        family = Histogram(f"vllm:{name}", f"{sense} Simulated.", LABELS, buckets=buckets, registry=self._registry)
        return family.labels(*self._labels)
