"""A campaign as files that can be read in a diff.

`campaign.yaml` is the record, `as-started.yaml` the campaign file word for word, `plan.yaml` what the rows of `cells.csv`
name. Columns are fields of the domain's values, nested ones with a dot; an empty cell is a field at its default.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml

from advisor.usecases.results.flattening import as_csv, flatten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.domain.attempt import Attempt, ServerRecord
    from advisor.domain.campaign import Cell
    from advisor.domain.contents import CampaignContents
    from advisor.domain.load import Load
    from advisor.domain.profiled import ProfiledRun
    from advisor.domain.timing import RequestTiming, Sample
    from advisor.domain.value import Value

FORMAT = 1
"""Version of the files; it rises when an older reader would misread them."""

RECORD, TEXT, PLAN, SERVERS = "campaign.yaml", "as-started.yaml", "plan.yaml", "servers.yaml"
CELLS, ATTEMPTS, RUNS, DISCARDS = "cells.csv", "attempts.csv", "runs.csv", "discards.csv"
REQUESTS, SAMPLES = "requests", "samples"


_FOLDED_AWAY = frozenset("\r\x85\u2028\u2029\ufeff")
"""Line breaks beside the usual one, which YAML reads as another character unless they are escaped."""


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    if not _FOLDED_AWAY.isdisjoint(text):
        return '"'
    return "|" if "\n" in text else None


_Dumper.add_representer(str, _text)


def files_of(contents: CampaignContents) -> dict[str, str]:
    """Return the text of each file by its name; files that would be empty are left out."""
    record = contents.record
    documents: dict[str, Any] = {
        RECORD: {"format": FORMAT, **_plain(record, exclude={"text"})},
        PLAN: _plan(contents.cells),
        SERVERS: _servers(contents.servers),
    }
    tables = {
        CELLS: _cell_rows(contents.cells),
        ATTEMPTS: [_attempt_row(attempt, accepted=attempt.id in contents.accepted) for attempt in contents.attempts],
        RUNS: [_run_row(run) for run in contents.runs],
        DISCARDS: [_plain(discard) for discard in contents.discards],
        **_readings(REQUESTS, contents.timings),
        **_readings(SAMPLES, contents.samples),
    }
    return {
        **{name: _yaml(document) for name, document in documents.items() if document},
        **({TEXT: record.text} if record.text else {}),
        **{name: as_csv([flatten(row) for row in rows]) for name, rows in tables.items() if rows},
    }


def _plain(value: Value, *, exclude: set[str] | None = None) -> dict[str, Any]:
    return value.model_dump(mode="json", exclude_defaults=True, exclude=exclude)


def _yaml(document: object) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _servers(servers: Sequence[ServerRecord]) -> dict[str, Any]:
    return {"servers": [_plain(server, exclude={"campaign_id"}) for server in servers]} if servers else {}


def _plan(cells: Sequence[Cell]) -> dict[str, Any]:
    """Return the deployments and workloads of the cells, each once under its name."""
    kinds = {"deployments": _deployments(cells), "workloads": _workloads(cells)}
    return {kind: {name: json.loads(text) for text, name in names.items()} for kind, names in kinds.items() if names}


def _deployments(cells: Iterable[Cell]) -> dict[str, str]:
    """Return what each deployment, as JSON, is called."""
    texts = dict.fromkeys(_deployment_text(cell) for cell in cells)
    return {text: f"d{number}" for number, text in enumerate(texts, start=1)}


def _deployment_text(cell: Cell) -> str:
    return json.dumps(_plain(cell.deployment))


def _workloads(cells: Iterable[Cell]) -> dict[str, str]:
    """Return what each workload, as JSON, is called: its own name, with a number if another one has it."""
    names: dict[str, str] = {}
    for cell in cells:
        text, name = _workload_text(cell), cell.workload.name
        taken = {used for other, used in names.items() if other != text}
        numbered = (f"{name}~{number}" for number in count(2))
        names[text] = next(free for free in chain((name,), numbered) if free not in taken)
    return names


def _workload_text(cell: Cell) -> str:
    arrival_s = cell.workload.arrival_s
    return json.dumps(_plain(cell.workload) | ({"arrival_s": arrival_s} if arrival_s else {}))


def _cell_rows(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    deployments, workloads = _deployments(cells), _workloads(cells)
    return [
        {
            "ordinal": cell.ordinal,
            "id": cell.id,
            "deployment": deployments[_deployment_text(cell)],
            "workload": workloads[_workload_text(cell)],
            "load": _load(cell.load),
            "repeat": cell.repeat,
        }
        for cell in cells
    ]


def _load(load: Load) -> dict[str, Any]:
    return {"kind": load.kind, **_plain(load)}


def _attempt_row(attempt: Attempt, *, accepted: bool) -> dict[str, Any]:
    return {**_plain(attempt, exclude={"run"}), "accepted": accepted}


def _run_row(run: ProfiledRun) -> dict[str, Any]:
    return {**_plain(run, exclude={"campaign_id", "discarded"}), "load": _load(run.load)}


def _readings(
    folder: str, by_attempt: Mapping[str, Sequence[RequestTiming | Sample]]
) -> dict[str, list[dict[str, Any]]]:
    return {
        f"{folder}/{quote(attempt, safe='')}.csv": [_reading_row(reading) for reading in readings]
        for attempt, readings in sorted(by_attempt.items())
    }


def _reading_row(reading: RequestTiming | Sample) -> dict[str, Any]:
    return {name: value for name, value in asdict(reading).items() if value != ""}
