"""`advisor profile run --adaptive`: measure what is worth most, look again, and stop when nothing is worth its cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from advisor import __version__, catalog, store
from advisor.domain.basis import Basis
from advisor.domain.campaign import Limits, RunRules, ServerKind
from advisor.domain.campaign_plan import CampaignEvent, CellState, EventKind
from advisor.domain.next_measurement import LOOKAHEAD_DRAWS, USUAL_HORIZON_MONTHS, AdaptiveRun, AdaptiveStep
from advisor.domain.question import Question
from advisor.errors import DataError, InputError, MeasureError
from advisor.usecases.addresses import shown
from advisor.usecases.measuring_next.campaign import campaign_file
from advisor.usecases.measuring_next.measurement import Next, next_measurement
from advisor.usecases.profile.driving import Driving, run_campaign
from advisor.usecases.profile.opening import database_of

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.campaign_plan import CampaignStatus
    from advisor.domain.next_measurement import CellWorth

    Watch = Callable[[CampaignEvent], None]

EMPTY_DATABASE = "sqlite://"
"""Stands for a database that the first campaign will make."""

ADAPTIVE = "adaptive"
"""Campaign that events are told of which belong to no single one."""

Run = Callable[..., "CampaignStatus"]
"""Measures a campaign file, as `run_campaign` does."""


@dataclass(frozen=True)
class Adapting:
    """How measuring goes on by itself.

    `limits` are those of all campaigns together, `most_cells` how many deployments are measured at most. `rules` hold the
    fields that replace those of the campaigns, `prompts` is a file of own prompts. Campaign files are written to `folder`.
    """

    folder: Path
    server: ServerKind = ServerKind.VLLM
    horizon_months: float = USUAL_HORIZON_MONTHS
    most_cells: int | None = None
    limits: Limits = field(default_factory=Limits)
    driving: Driving = field(default_factory=Driving)
    rules: RunRules | None = None
    prompts: str = ""

    @property
    def basis(self) -> Basis:
        """What the runs will be."""
        return Basis.SIMULATED if self.server is ServerKind.DEMO else Basis.MEASURED


def question_in(path: Path) -> Question:
    """Return the question of an answer in JSON, asked today: that of `advisor recommend` or `advisor next`.

    Raises
    ------
    DataError
        If the file holds no such answer.
    InputError
        If the answer does not carry its question whole: the times of a trace are left out of it.
    """
    hint = "write one with `advisor recommend --qps 20 -f json -o answer.json`"
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        question = Question.model_validate(body["question"])
    except OSError as problem:
        raise DataError(str(path), f"cannot be read: {problem.strerror}") from None
    except (ValueError, ValidationError, KeyError, TypeError):
        raise DataError(str(path), "holds no answer with a question", hint=hint) from None
    if question.workload.pairs and question.burstiness is None:
        raise InputError(
            f"{path} was made from the trace {question.workload.name}, whose times of arrival it does not carry",
            hint="ask with --burstiness, which stands for them",
        )
    return question.model_copy(update={"today": datetime.now(UTC).date(), "draws": LOOKAHEAD_DRAWS})


def measure_until_settled(
    question: Question,
    *,
    profiles: Path | None,
    database: str | None,
    adapting: Adapting,
    watch: Watch,
    run: Run = run_campaign,
) -> AdaptiveRun:
    """Measure one deployment after another, the next one chosen by what is known then, until nothing is worth its cost.

    A deployment is tried once: where its campaign fails, another one comes next.

    Raises
    ------
    InfeasibleError
        If nothing meets the objectives.
    MeasureError
        If there is no cluster, it has no GPU at all, or another process works on a campaign.
    """
    return _Loop(question, profiles, database, adapting, watch, run).go()


@dataclass
class _Loop:
    """The question, how it is gone about, and what was done so far."""

    question: Question
    profiles: Path | None
    database: str | None
    adapting: Adapting
    watch: Watch
    run: Run
    steps: list[AdaptiveStep] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)
    """Layouts that no machine of the cluster is made for: as many GPUs of a type as were missing, or more."""
    spent_usd: Decimal = Decimal(0)

    def go(self) -> AdaptiveRun:
        """Return what was measured, and where the decision stands then."""
        while True:
            found = self._look()
            stopped = self._why_stop(found)
            if stopped is not None:
                self._tell(EventKind.SETTLED, found, text=stopped or found.answer.verdict)
                return self._ended(found, stopped)
            self._measure(found)

    @property
    def url(self) -> str:
        """The database that the runs go to."""
        return database_of(self.adapting.basis, self.database)

    @property
    def gpu_hours(self) -> float:
        """GPU-hours of all campaigns so far."""
        return sum(step.gpu_hours for step in self.steps)

    def _look(self) -> Next:
        return next_measurement(
            self.question,
            profiles=self.profiles,
            database=self.url if store.exists(self.url) else EMPTY_DATABASE,
            allow_simulated=self.adapting.basis is Basis.SIMULATED,
            horizon_months=self.adapting.horizon_months,
            server=self.adapting.server,
            tried=(*(step.deployment for step in self.steps), *sorted(self.lacking)),
        )

    def _why_stop(self, found: Next) -> str | None:
        """Return why to stop, empty where nothing is worth its cost; None to go on."""
        limits, last = self.adapting.limits, self.steps[-1] if self.steps else None
        if found.answer.settled:
            return ""
        if last and last.stopped_because:
            return last.stopped_because
        if self.adapting.most_cells is not None and len(self.steps) >= self.adapting.most_cells:
            return f"{len(self.steps)} deployments were to be measured at most"
        if limits.gpu_hours is not None and self.gpu_hours >= limits.gpu_hours:
            return f"{limits.gpu_hours:g} GPU-hours are used up"
        if limits.usd is not None and self.spent_usd >= limits.usd:
            return f"{limits.usd} USD are used up"
        return None

    def _measure(self, found: Next) -> None:
        """Measure what comes next, and enter what came of it."""
        first = found.answer.cells[0]
        self._tell(EventKind.CHOSEN, found, text=found.answer.verdict)
        driving = replace(self.adapting.driving, limits=self._limits_left())
        status = self.run(
            self._file(found),
            profiles=self.profiles,
            database=self.url,
            driving=driving,
            watch=partial(self._hear, found),
        )
        per_gpu_hour = first.usd_per_hour / first.tensor_parallel
        self.spent_usd += per_gpu_hour * Decimal(repr(status.gpu_hours))
        self.steps.append(_step(found, first, status))

    def _hear(self, found: Next, event: CampaignEvent) -> None:
        """Pass on an event; where no machine fits, what needs at least as many such GPUs is not tried either.

        Raises
        ------
        MeasureError
            If the cluster has no GPU at all, so that nothing can be measured on it.
        """
        self.watch(event)
        if event.without_gpu and self.adapting.server is ServerKind.VLLM:
            raise MeasureError(
                "the cluster has no GPU: nothing can be measured on it",
                hint="name another cluster with --address, or try it with demo engines: --demo",
            )
        if event.event is EventKind.NO_NODE:
            first = found.answer.cells[0]
            alike = (cell for cell in found.answer.cells if cell.gpu == first.gpu)
            self.lacking.update(layout_of(cell) for cell in alike if cell.tensor_parallel >= first.tensor_parallel)

    def _limits_left(self) -> Limits:
        limits = self.adapting.limits
        return Limits(
            gpu_hours=None if limits.gpu_hours is None else limits.gpu_hours - self.gpu_hours,
            usd=None if limits.usd is None else limits.usd - self.spent_usd,
        )

    def _file(self, found: Next) -> Path:
        """Write the campaign that comes next, and return its file."""
        campaign = found.campaign
        if campaign is None:
            raise ValueError("a decision that is settled has no campaign")
        if self.adapting.rules is not None:
            told = self.adapting.rules.model_dump(exclude_unset=True)
            campaign = campaign.model_copy(update={"rules": campaign.rules.model_copy(update=told)})
        campaign = campaign.model_copy(update={"prompts": self.adapting.prompts})
        path = self.adapting.folder / f"{campaign.name}.yaml"
        root = self.profiles or catalog.profiles_root()
        text = campaign_file(campaign, root, purpose=found.answer.verdict)
        try:
            self.adapting.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as problem:
            raise InputError(f"cannot write {path}: {problem.strerror}", hint="name another folder") from None
        return path

    def _tell(self, kind: EventKind, found: Next, *, text: str) -> None:
        """Tell how many deployments are done, and how many are worth it as things stand."""
        cells, done = found.answer.cells, len(self.steps)
        event = CampaignEvent(
            event=kind,
            at=datetime.now(UTC),
            campaign_id=ADAPTIVE,
            done=done,
            total=done + sum(cell.pays for cell in cells),
            gpu_hours=self.gpu_hours,
            deployment=layout_of(cells[0]) if kind is EventKind.CHOSEN else "",
            text=text,
        )
        self.watch(event)

    def _ended(self, found: Next, stopped: str) -> AdaptiveRun:
        return AdaptiveRun(
            generated_at=datetime.now(UTC),
            advisor_version=__version__,
            database=shown(self.url),
            basis=self.adapting.basis,
            steps=tuple(self.steps),
            gpu_hours=self.gpu_hours,
            stopped_because=stopped,
            last=found.answer,
            warnings=found.answer.warnings,
        )


def layout_of(cell: CellWorth) -> str:
    """Return the name of a deployment, slots aside."""
    gpus = cell.gpu if cell.tensor_parallel == 1 else f"{cell.tensor_parallel}x {cell.gpu}"
    return f"{cell.contender} {cell.precision} on {gpus}"


def _step(found: Next, first: CellWorth, status: CampaignStatus) -> AdaptiveStep:
    return AdaptiveStep(
        deployment=layout_of(first),
        campaign_id=status.campaign_id,
        expected_regret_before_usd_per_month=found.answer.chosen.expected_regret_usd_per_month,
        worth_usd=first.worth_usd,
        expected_cost_usd=first.cost_usd,
        gpu_hours=status.gpu_hours,
        measured=status.counts.get(CellState.MEASURED, 0),
        failed=sum(status.counts.get(state, 0) for state in (CellState.FAILED, CellState.FLAGGED, CellState.OPEN)),
        stopped_because=status.stopped_because,
    )
