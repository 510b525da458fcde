"""Stand-ins for use cases: they remember what they were asked, and answer with a sample or fail as told."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from advisor.domain.daily import DailyProfile
from advisor.domain.planned import Planned
from tests import samples
from tests.samples.reviews import REVIEW

if TYPE_CHECKING:
    import pytest

DAILY = DailyProfile(name="a-day", relative_rate=(1.0,) * 12 + (3.0,) * 12)

PLAN = Planned.model_validate_json(samples.RECOMMENDATION.model_dump_json())


@dataclass
class FakeUseCases:
    """Every use case that the command line calls. `problem`, once set, is raised instead of an answer."""

    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    problem: BaseException | None = None

    def _answer(self, name: str, answer: object, **asked: Any) -> Any:
        self.calls[name] = asked
        if self.problem is not None:
            raise self.problem
        return answer

    def build_workload(self, **asked: Any) -> Any:
        self.calls["build_workload"] = asked
        return samples.WORKLOAD

    def build_daily(self, text: str, **asked: Any) -> Any:
        self.calls["build_daily"] = {"text": text, **asked}
        return DAILY

    def build_slo(self, **asked: Any) -> Any:
        self.calls["build_slo"] = asked
        return samples.QUESTION.slo

    def recommend(self, question: Any, **asked: Any) -> Any:
        return self._answer("recommend", samples.RECOMMENDATION, question=question, **asked)

    def review(self, question: Any, **asked: Any) -> Any:
        return self._answer("review", REVIEW, question=question, **asked)

    def next_measurement(self, question: Any, **asked: Any) -> Any:
        text = "name: next\n"
        found = SimpleNamespace(answer=samples.NEXT_MEASUREMENT, campaign=None, campaign_text=text)
        return self._answer("next_measurement", found, question=question, **asked)

    def validate_decide(self, **asked: Any) -> Any:
        return self._answer("validate_decide", samples.DECIDE_VALIDATION, **asked)

    def remember(self, answer: Any, **asked: Any) -> None:
        self.calls["remember"] = {"answer": answer, **asked}

    def compare(self, first: str, second: str, **asked: Any) -> Any:
        return self._answer("compare", samples.COMPARISON, first=first, second=second, **asked)

    def reproduce(self, wanted: str, **asked: Any) -> Any:
        return self._answer("reproduce", samples.REPRODUCTION, wanted=wanted, **asked)

    def serve(self, where: Any, data: Any, *, link: Any) -> None:
        self._answer("serve", None, where=where, data=data, link=link)

    def show_link(self, link: Any, data: Any) -> None:
        self._answer("show_link", None, link=link, data=data)

    def crossover(self, question: Any, axis: str, **asked: Any) -> Any:
        return self._answer("crossover", samples.CROSSOVER, question=question, axis=axis, **asked)

    def crossover_map(self, question: Any, axes: Any, **asked: Any) -> Any:
        return self._answer("crossover_map", samples.CROSSOVER_MAP, question=question, axes=axes, **asked)

    def sensitivity(self, question: Any, **asked: Any) -> Any:
        return self._answer("sensitivity", samples.SENSITIVITY, question=question, **asked)

    def with_sensitivity(self, answer: Any, **asked: Any) -> Any:
        return self._answer("with_sensitivity", answer, **asked)

    def estimate(self, question: Any, **asked: Any) -> Any:
        return self._answer("estimate", samples.ESTIMATE, question=question, **asked)

    def predict(self, question: Any, **asked: Any) -> Any:
        return self._answer("predict", samples.PREDICTION, question=question, **asked)

    def read_plan(self, path: Any) -> Any:
        self.calls["read_plan"] = {"path": path}
        return PLAN

    def simulate(self, question: Any, **asked: Any) -> Any:
        return self._answer("simulate", samples.SIMULATION, question=question, **asked)

    def calibrate(self, **asked: Any) -> Any:
        return self._answer("calibrate", samples.CALIBRATION, **asked)

    def validate(self, **asked: Any) -> Any:
        return self._answer("validate", samples.VALIDATION, **asked)

    def validate_all(self, **asked: Any) -> Any:
        return self._answer("validate_all", samples.VALIDATION_SUMMARY, **asked)

    def validate_queueing(self, **asked: Any) -> Any:
        return self._answer("validate_queueing", samples.QUEUE_VALIDATION, **asked)

    def list_models(self, profiles: Any) -> Any:
        return self._answer("list_models", samples.LISTING, profiles=profiles)

    def list_gpus(self, profiles: Any) -> Any:
        return self._answer("list_gpus", samples.LISTING, profiles=profiles)

    def list_workloads(self, profiles: Any) -> Any:
        return self._answer("list_workloads", samples.LISTING, profiles=profiles)

    def list_prices(self, profiles: Any, **asked: Any) -> Any:
        return self._answer("list_prices", samples.LISTING, profiles=profiles, **asked)

    def list_runs(self, **asked: Any) -> Any:
        return self._answer("list_runs", samples.RUNS, **asked)

    def discard_run(self, run_id: str, **asked: Any) -> Any:
        return self._answer("discard_run", samples.RUNS, run_id=run_id, **asked)

    def list_history(self, **asked: Any) -> Any:
        return self._answer("list_history", samples.HISTORY, **asked)

    def export_campaign(self, campaign: str, **asked: Any) -> Any:
        exported = SimpleNamespace(folder="example-campaign", files=6, runs=4)
        return self._answer("export_campaign", exported, campaign=campaign, **asked)

    def import_results(self, paths: Any, given: Any, **asked: Any) -> Any:
        return self._answer("import_results", samples.IMPORTED, paths=paths, given=given, **asked)

    def demo_engine(self, question: Any, **asked: Any) -> Any:
        return self._answer("demo_engine", None, question=question, **asked)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in for the modules of `advisor.usecases`."""
        modules = {
            "asking": ("build_workload", "build_daily", "build_slo", "read_plan"),
            "recommend": ("recommend",),
            "reviewing.review": ("review",),
            "measuring_next.measurement": ("next_measurement",),
            "remembering": ("remember",),
            "comparing.compare": ("compare",),
            "crossing.crossover": ("crossover",),
            "crossing.mapping": ("crossover_map",),
            "crossing.sensitivity": ("sensitivity", "with_sensitivity"),
            "comparing.reproduce": ("reproduce",),
            "estimate": ("estimate",),
            "simulating.simulate": ("simulate",),
            "predicting.predict": ("predict",),
            "calibrate": ("calibrate",),
            "validating.estimator": ("validate",),
            "validating.table": ("validate_all",),
            "validating.queueing": ("validate_queueing",),
            "validating.decide": ("validate_decide",),
            "keeping": ("list_runs", "discard_run", "list_history"),
            "results.exporting": ("export_campaign",),
            "results.importing": ("import_results",),
            "demo_engine": ("demo_engine",),
            "listing": ("list_models", "list_gpus", "list_workloads", "list_prices"),
        }
        for name, functions in modules.items():
            module = ModuleType(f"advisor.usecases.{name}")
            for function in functions:
                setattr(module, function, getattr(self, function))
            patch.setitem(sys.modules, module.__name__, module)
        server = ModuleType("advisor.cli.dashboard_server")
        server.serve, server.show_link = self.serve, self.show_link  # type: ignore[attr-defined]
        patch.setitem(sys.modules, server.__name__, server)
