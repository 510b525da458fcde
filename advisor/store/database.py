"""An open database: what can be added to it, and what can be asked of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from advisor.domain.given import GivenRecommendation
from advisor.errors import DataError
from advisor.store import campaigns, contents, looking, queries, readings, results, runs, servers, starts
from advisor.store.driven import DrivenStore
from advisor.store.locations import place
from advisor.store.tables import MeasurementRow, RecommendationRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.domain.attempt import Attempt, AttemptResult, CampaignRecord, ServerRecord
    from advisor.domain.campaign import Cell
    from advisor.domain.contents import CampaignContents
    from advisor.domain.measurement import Measurement
    from advisor.domain.profiled import ProfiledRun
    from advisor.domain.run_look import RunLook
    from advisor.domain.timing import RequestTiming, Sample


class Store(DrivenStore):
    """An open database. Use it as a context manager, or close it.

    Whatever is added is added whole or not at all. Every method raises `DataError` if the database cannot be read or
    written: it is locked, full, damaged, or may only be read.
    """

    def add(self, measurements: Iterable[Measurement]) -> int:
        """Add measurements and return how many they were.

        Raises
        ------
        DataError
            If the database holds a measurement with the same id already, or one cannot be right.
        """
        rows = [asdict(measurement) for measurement in queries.sound(self._url, measurements)]
        if not rows:
            return 0
        with self._writing() as connection:
            try:
                connection.execute(insert(MeasurementRow), rows)
            except IntegrityError:
                where, hint = place(self._url), "runs are added once"
                raise DataError(where, "holds one of these measurements already", hint=hint) from None
        return len(rows)

    def measurements(self) -> tuple[Measurement, ...]:
        """Return all measurements in the order they came in."""
        with self._reading() as connection:
            return queries.measurements_of(self._url, connection.execute(text(queries.MEASUREMENTS.sql)))

    def begin_campaign(self, record: CampaignRecord, cells: Sequence[Cell]) -> bool:
        """Add a campaign with its plan; return False, and add nothing, if it is there."""
        with self._writing() as connection:
            return campaigns.begin(connection, record, cells)

    def campaigns(self) -> tuple[CampaignRecord, ...]:
        """Return all campaigns, the newest last."""
        with self._reading() as connection:
            return campaigns.all_records(connection)

    def campaign(self, name_or_id: str) -> CampaignRecord:
        """Return a campaign by its identifier, or the newest of a name.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        with self._reading() as connection:
            return campaigns.record(connection, name_or_id)

    def cells(self, campaign_id: str) -> tuple[Cell, ...]:
        """Return the cells of a campaign in the order of its plan; none for one whose results were imported."""
        with self._reading() as connection:
            return campaigns.cells(connection, campaign_id)

    def add_result(self, result: AttemptResult, *, accept: bool, claim_id: str = "") -> bool:
        """Add an attempt with its server, requests, readings and run; return False, and add nothing, if it is there.

        A cell never has two accepted results: a second one is added, and not accepted. What the process of a claim had
        begun with the cell is ended.

        Raises
        ------
        DataError
            If its cell is in no plan, or its server is neither there nor handed over.
        """
        with self._writing() as connection:
            if claim_id:
                starts.end(connection, claim_id, result.attempt.cell_id)
            return results.add(connection, result, accept=accept)

    def add_results(self, pairs: Iterable[tuple[AttemptResult, bool]]) -> int:
        """Add several results, each with whether it is accepted, in one go; return how many were new."""
        with self._writing() as connection:
            return sum(results.add(connection, result, accept=accept) for result, accept in pairs)

    def attempts(self, campaign_id: str) -> tuple[Attempt, ...]:
        """Return the attempts of a campaign in the order they came in, each with its run."""
        with self._reading() as connection:
            return results.attempts(connection, self._url, campaign_id)

    def accepted(self, campaign_id: str) -> Mapping[str, str]:
        """Return the accepted attempt of each cell that has one, by the cell's identifier."""
        with self._reading() as connection:
            return results.accepted(connection, campaign_id)

    def servers(self, campaign_id: str) -> tuple[ServerRecord, ...]:
        """Return the servers of a campaign in the order they were started."""
        with self._reading() as connection:
            return servers.of_campaign(connection, campaign_id)

    def runs(
        self, *, campaign: str | None = None, models: Sequence[str] = (), gpus: Sequence[str] = ()
    ) -> tuple[ProfiledRun, ...]:
        """Return runs in the order they came in, discarded ones too; no filter means all.

        `campaign` is an identifier, or a name, which all campaigns of that name go by.
        """
        with self._reading() as connection:
            return runs.find(connection, self._url, campaign=campaign, models=models, gpus=gpus)

    def add_runs(self, record: CampaignRecord, profiled: Sequence[ProfiledRun]) -> int:
        """Add runs of no plan, such as imported ones, under a campaign; return how many were not there yet."""
        with self._writing() as connection:
            campaigns.begin(connection, record, ())
            return runs.add(connection, profiled)

    def discard(self, run_id: str, *, reason: str) -> None:
        """Take a run back: it stays, flagged with the reason, and the cell whose result it was is open again.

        Raises
        ------
        UnknownNameError
            If there is no such run.
        InputError
            If it was taken back before, or no reason is given.
        """
        with self._writing() as connection:
            runs.discard(connection, run_id, reason=reason, at=datetime.now(UTC))

    def timings(self, run_id: str) -> tuple[RequestTiming, ...]:
        """Return the requests of a run in their order; an imported run has none."""
        with self._reading() as connection:
            return readings.timings(connection, run_id)

    def samples(self, run_id: str) -> tuple[Sample, ...]:
        """Return the readings taken during a run, in the order they were taken."""
        with self._reading() as connection:
            return readings.samples(connection, run_id)

    def look(self, run_id: str, *, metrics: Sequence[str], most: int) -> RunLook:
        """Return a run with `most` of its requests and of the readings of each metric at most, spread evenly over it.

        Raises
        ------
        UnknownNameError
            If there is no such run.
        """
        with self._reading() as connection:
            return looking.look(connection, self._url, run_id, metrics=metrics, most=most)

    def contents(self, name_or_id: str, *, requests: bool = False) -> CampaignContents:
        """Return all that is stored of a campaign; single requests and readings only if asked for.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        with self._reading() as connection:
            record = campaigns.record(connection, name_or_id)
            return contents.read(connection, self._url, record, requests=requests)

    def add_contents(self, whole: CampaignContents) -> int:
        """Add what is not there yet of a campaign from another database; return how many runs that were.

        A cell keeps the accepted result it has, and a run that was taken back elsewhere is taken back here too.
        """
        with self._writing() as connection:
            return contents.add(connection, whole)

    def log_recommendation(self, given: GivenRecommendation, *, question: str, answer: str) -> None:
        """Remember a recommendation, with question and answer in JSON."""
        query = queries.log_query(given, question=question, answer=answer)
        with self._writing() as connection:
            connection.execute(insert(RecommendationRow), query.parameters)

    def recommendations(self) -> tuple[GivenRecommendation, ...]:
        """Return the recommendations given, the newest last."""
        names = (
            "given_at",
            "summary",
            "plan",
            "usd_per_month",
            "basis",
            "advisor_version",
            "evidence_digest",
            "number",
        )
        columns = [RecommendationRow.__table__.c[name] for name in names]
        with self._reading() as connection:
            rows = connection.execute(select(*columns).order_by(RecommendationRow.number)).mappings()
            return tuple(
                GivenRecommendation(**{"question" if n == "summary" else n: value for n, value in row.items()})
                for row in rows
            )

    def recommendation(self, number: int) -> str | None:
        """Return the answer in JSON that the log keeps under a number; None where there is no such number."""
        columns = RecommendationRow.__table__.c
        with self._reading() as connection:
            return connection.scalar(select(columns.answer).where(columns.number == number))
