"""Campaigns: YAML files that say what to measure. A workload in one is a name, a file beside it, or written out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from advisor.catalog.documents import read_document
from advisor.catalog.texts import read_text
from advisor.catalog.traces import read_trace
from advisor.catalog.workloads import read_workload, read_workload_file
from advisor.domain.campaign import Campaign, RunRules, digest
from advisor.domain.load import TraceLoad
from advisor.errors import DataError

if TYPE_CHECKING:
    from advisor.domain.load import Load
    from advisor.domain.workload import Workload


def read_campaign(path: Path, *, root: Path) -> Campaign:
    """Read a campaign; `root` is the profile folder whose workloads it may name.

    Raises
    ------
    DataError
        If the file is bad, a deployment is without a load, or a trace is to be replayed that has no times.
    UnknownNameError
        If it names a workload that is not there.
    """
    campaign = read_document(path, Campaign, prepare=partial(_with_workloads, folder=path.parent, root=root))
    for deployment in campaign.deployments:
        if not (deployment.loads or campaign.loads):
            raise DataError(
                str(path), f"{deployment.label} has no loads", hint="add `loads:` to it, or to the campaign"
            )
    if any(isinstance(load, TraceLoad) for load in _loads(campaign)):
        _check_traces(campaign, path)
    prompts = str(path.parent / campaign.prompts) if campaign.prompts else ""
    return campaign.model_copy(update={"prompts": prompts, "fingerprint": _fingerprint(campaign, prompts)})


def rules_of(text: str, *, where: str) -> RunRules:
    """Return the rules in the text of a campaign, as a database keeps it; the usual ones where the text has none.

    Raises
    ------
    DataError
        If the text is none that this version understands. `where` says whose it is.
    """
    try:
        fields = yaml.safe_load(text) or {}
        return RunRules.model_validate(fields.get("rules") or {})
    except (yaml.YAMLError, ValidationError, AttributeError):
        raise DataError(
            where, "has rules that this version cannot read", hint="use the version that started it"
        ) from None


def _fingerprint(campaign: Campaign, prompts: str) -> str:
    """Return a digest of what the file only names; empty where it names nothing."""
    text = read_text(Path(prompts)) if prompts else ""
    arrivals_s = [workload.arrival_s for workload in campaign.workloads if workload.arrival_s]
    return digest([text, arrivals_s]) if text or arrivals_s else ""


def _loads(campaign: Campaign) -> list[Load]:
    return [*campaign.loads, *(load for deployment in campaign.deployments for load in deployment.loads)]


def _check_traces(campaign: Campaign, path: Path) -> None:
    for workload in campaign.workloads:
        if not workload.arrival_s:
            raise DataError(
                str(path),
                f"load `trace` replays the arrivals of {workload.name}, which has none",
                hint="name a CSV with t_s, input_tokens and output_tokens as the workload",
            )


def _with_workloads(fields: dict[str, Any], *, folder: Path, root: Path) -> dict[str, Any]:
    """Put workloads in the place of their names and files; what else stands there is for the schema to judge."""
    listed = fields.get("workloads")
    if not isinstance(listed, list):
        return fields
    return {**fields, "workloads": [_workload(w, folder, root) if isinstance(w, str) else w for w in listed]}


def _workload(text: str, folder: Path, root: Path) -> Workload:
    if text.endswith(".csv"):
        return read_trace(folder / text)
    return read_workload_file(folder / text) if text.endswith((".yaml", ".yml")) else read_workload(root, text)
