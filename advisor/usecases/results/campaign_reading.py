"""Reading what an export wrote: files of a campaign back into values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError

from advisor.catalog.documents import load_yaml
from advisor.catalog.faults import dotted, first_fault
from advisor.catalog.tables import read_table
from advisor.catalog.texts import read_text
from advisor.domain.attempt import Attempt, CampaignRecord, ServerRecord
from advisor.domain.campaign import Cell
from advisor.domain.contents import CampaignContents, Discard
from advisor.domain.profiled import ProfiledRun
from advisor.domain.timing import RequestTiming, Sample
from advisor.domain.value import Value
from advisor.errors import DataError
from advisor.usecases.results import campaign_files as names
from advisor.usecases.results.flattening import unflatten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

ValueT = TypeVar("ValueT")
SpecT = TypeVar("SpecT", bound=Value)
_HINT = "export it anew, or take the change back"


class _Servers(Value):
    servers: tuple[dict[str, Any], ...]


def is_export(folder: Path) -> bool:
    """Say whether a folder holds a campaign that an export wrote."""
    return (folder / names.RECORD).is_file()


def read_export(folder: Path) -> CampaignContents:
    """Return the campaign that a folder holds.

    Raises
    ------
    DataError
        If a file is missing, was changed into what cannot be, or was written by a newer version.
    """
    record = read_record(folder)
    runs = {run.id: run for run in _rows(folder / names.RUNS, _run(record))}
    attempts = list(_rows(folder / names.ATTEMPTS, _attempt(runs)))
    made = {attempt.id for attempt, _ in attempts}
    return CampaignContents(
        record=record,
        cells=tuple(_rows(folder / names.CELLS, _cell(record, _plan(folder)))),
        servers=_servers(folder, record),
        attempts=tuple(attempt for attempt, _ in attempts),
        accepted=frozenset(attempt.id for attempt, accepted in attempts if accepted),
        imported=tuple(run for run in runs.values() if run.id not in made),
        discards=tuple(_rows(folder / names.DISCARDS, Discard.model_validate)),
        timings=_readings(folder / names.REQUESTS, RequestTiming),
        samples=_readings(folder / names.SAMPLES, Sample),
    )


def read_record(folder: Path) -> CampaignRecord:
    """Return the record of the campaign that a folder holds.

    Raises
    ------
    DataError
        If it is missing, cannot be, or was written by a newer version.
    """
    path = folder / names.RECORD
    document = load_yaml(path)
    written = document.pop("format", None)
    if written != names.FORMAT:
        raise DataError(str(path), f"is of format {written}, this version reads {names.FORMAT}", hint="upgrade advisor")
    text = folder / names.TEXT
    return _valid(path, CampaignRecord, {**document, "text": _verbatim(text) if text.is_file() else ""})


def _verbatim(path: Path) -> str:
    """Return a text as it is, byte order mark included."""
    read_text(path)  # says what is wrong with a file that cannot be read
    return path.read_bytes().decode()


def _plan(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / names.PLAN
    return load_yaml(path) if path.is_file() else {}


def _servers(folder: Path, record: CampaignRecord) -> tuple[ServerRecord, ...]:
    path = folder / names.SERVERS
    if not path.is_file():
        return ()
    listed = _valid(path, _Servers, load_yaml(path)).servers
    return tuple(_valid(path, ServerRecord, {**document, "campaign_id": record.id}) for document in listed)


def _valid(path: Path, kind: type[SpecT], document: Mapping[str, Any]) -> SpecT:
    try:
        return kind.model_validate(document)
    except ValidationError as problem:
        location, sentence = first_fault(problem)
        raise DataError(str(path), f"field {dotted(location)}: {sentence}", hint=_HINT) from None


def _rows(path: Path, convert: Callable[[dict[str, Any]], ValueT]) -> Iterator[ValueT]:
    """Yield the value of each row of a table; a file that is not there has none."""
    if not path.is_file():
        return
    table = read_table(path, (), extra=True)
    for number, cells in enumerate(table.rows):
        try:
            yield convert(unflatten(dict(zip(table.columns, cells, strict=True))))
        except ValidationError as problem:
            location, sentence = first_fault(problem)
            raise table.fault(number, dotted(location), sentence, hint=_HINT) from None
        except (ValueError, KeyError, TypeError) as problem:
            raise DataError(f"{path}:{table.lines[number]}", f"cannot be read: {problem}", hint=_HINT) from None


def _cell(record: CampaignRecord, plan: Mapping[str, Mapping[str, Any]]) -> Callable[[dict[str, Any]], Cell]:
    def convert(row: dict[str, Any]) -> Cell:
        named = {"deployment": plan["deployments"][row["deployment"]], "workload": plan["workloads"][row["workload"]]}
        stored_id = row.pop("id")
        return Cell.model_validate({**row, **named, "campaign_id": record.id}).named(stored_id)

    return convert


def _run(record: CampaignRecord) -> Callable[[dict[str, Any]], ProfiledRun]:
    return lambda row: ProfiledRun.model_validate({**row, "campaign_id": record.id})


def _attempt(runs: Mapping[str, ProfiledRun]) -> Callable[[dict[str, Any]], tuple[Attempt, bool]]:
    def convert(row: dict[str, Any]) -> tuple[Attempt, bool]:
        accepted = row.pop("accepted") == "true"
        return Attempt.model_validate({**row, "run": runs.get(row["id"])}), accepted

    return convert


def _readings(folder: Path, kind: type[ValueT]) -> dict[str, tuple[ValueT, ...]]:
    convert = TypeAdapter(kind).validate_python
    paths = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    return {unquote(path.stem): tuple(_rows(path, convert)) for path in paths}
