"""A campaign as files: the same campaign gives the same files, and the files give the same campaign."""

from __future__ import annotations

import os
from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from advisor.domain.attempt import Outcome
from advisor.domain.run_figures import Verdict
from advisor.domain.timing import Sample
from advisor.errors import DataError, InputError, UnknownNameError
from advisor.store import open_store
from advisor.usecases.results.campaign_files import files_of
from advisor.usecases.results.campaign_reading import read_export
from advisor.usecases.results.exporting import export_campaign, import_campaign
from tests.runs import CANVAS, DIFFUSION, conditions, figures, profiled
from tests.unit.store.filled import CELLS, RECORD, SAMPLES, SERVER, result_of

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.attempt import ServerRecord
    from advisor.domain.contents import CampaignContents
    from advisor.domain.profiled import ProfiledRun


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return a database with a campaign in which most things happened that can."""
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
        store.add_results([(result_of(cell, f"run-{cell.ordinal}"), True) for cell in CELLS[:3]])
        store.add_result(result_of(CELLS[3], "../lost?", outcome=Outcome.CRASHED), accept=False)
        store.add_result(result_of(CELLS[4], "nan", samples=(*SAMPLES, Sample(2.0, "x", nan))), accept=False)
        store.discard("run-0", reason="the fan\nhad failed, and so on")
        store.add_result(result_of(CELLS[0], "again", server=other_server()), accept=True)
        store.add_runs(RECORD, [bare_run(), canvas_run()])
    return url


def other_server() -> ServerRecord:
    return SERVER.model_copy(
        update={"id": "server-2", "outcome": Outcome.OUT_OF_MEMORY, "log_tail": "a\n  b\n\n c: 'd' #\t"}
    )


def bare_run() -> ProfiledRun:
    return profiled(
        "bare", campaign_id=RECORD.id, cell_id="", tool="other", source="a, b.json", verdict=Verdict(valid=False)
    )


def canvas_run() -> ProfiledRun:
    return profiled(
        "canvas",
        campaign_id=RECORD.id,
        under=conditions(model=DIFFUSION, speculative="", precision=None),
        showing=figures(canvas=CANVAS, failures={"http_500": 3, "reset": 1}),
        verdict=Verdict(valid=False, reasons=('saturation: "x", and y', "null"), flags=("a: b",)),
    )


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def contents_of(url: str) -> CampaignContents:
    with open_store(url) as store:
        return store.contents(RECORD.id, requests=True)


def export(url: str, to: Path, *, requests: bool = True) -> dict[str, bytes]:
    export_campaign(RECORD.name, database=url, profiles=None, to=to, requests=requests)
    return files_in(to)


def test_exporting_twice_gives_the_same_files(url: str, tmp_path: Path) -> None:
    assert export(url, tmp_path / "one") == export(url, tmp_path / "two")


def test_what_is_imported_into_an_empty_database_is_exported_as_the_same_files(url: str, tmp_path: Path) -> None:
    files = export(url, tmp_path / "one")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert import_campaign(tmp_path / "one", other) == (RECORD.id, 7)
    assert export(other, tmp_path / "two") == files


def test_what_is_imported_is_what_was_exported(url: str, tmp_path: Path) -> None:
    export(url, tmp_path / "one")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    import_campaign(tmp_path / "one", other)
    ours, theirs = contents_of(url), contents_of(other)
    assert repr(ours) == repr(theirs)  # one reading is no number, and equals nothing


def test_importing_again_adds_nothing(url: str, tmp_path: Path) -> None:
    files = export(url, tmp_path / "one")
    assert import_campaign(tmp_path / "one", url) == (RECORD.id, 0)
    assert export(url, tmp_path / "two") == files


def test_an_import_takes_back_what_was_taken_back(url: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    export(url, tmp_path / "one")
    import_campaign(tmp_path / "one", other)
    with open_store(url) as store:
        store.discard("run-1", reason="too")
    export(url, tmp_path / "one")
    assert import_campaign(tmp_path / "one", other) == (RECORD.id, 0)
    with open_store(other) as store:
        assert "run-1" not in store.accepted(RECORD.id).values()
        assert {run.id: run.discarded for run in store.runs()}["run-1"] == "too"


def test_the_files_can_be_read(url: str, tmp_path: Path) -> None:
    files = export(url, tmp_path / "one", requests=False)
    assert set(files) == {
        "campaign.yaml", "as-started.yaml", "plan.yaml", "cells.csv", "servers.yaml", "attempts.csv", "runs.csv", "discards.csv"
    }  # fmt: skip
    assert files["as-started.yaml"].decode() == RECORD.text
    assert b"git:\n  commit: 0123456789abcdef\n  dirty: true\n" in files["campaign.yaml"]
    assert b"  log_tail: |\n    first line\n    second line: \xc3\xa9\n" in files["servers.yaml"]
    assert all(len(content.splitlines()) <= 40 for name, content in files.items() if name.endswith(".csv"))


def test_an_export_goes_into_the_profiles_and_replaces_the_one_before(url: str, tmp_path: Path) -> None:
    profiles = tmp_path / "profiles"
    for _ in range(2):
        done = export_campaign(RECORD.name, database=url, profiles=profiles, to=None, requests=False)
        assert done.folder == profiles / "measurements" / "campaigns" / RECORD.id
        assert (done.runs, done.files) == (7, 8)
        assert [path.name for path in done.folder.parent.iterdir()] == [RECORD.id]


def test_a_folder_that_holds_something_else_is_left_alone(url: str, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="notes holds something else"):
        export(url, tmp_path / "notes")
    assert files_in(tmp_path / "notes") == {"mine.txt": b"mine"}


def test_an_export_that_fails_leaves_the_one_before(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = export(url, tmp_path / "one")
    with open_store(url) as store:
        store.discard("run-1", reason="too")
    real = os.rename

    def fail(source: object, target: object, **_: object) -> None:
        if ".part" in str(source):
            raise OSError(28, "No space left on device")
        real(str(source), str(target))

    monkeypatch.setattr("os.rename", fail)
    with pytest.raises(InputError, match=r"cannot write .*one: No space left on device"):
        export(url, tmp_path / "one")
    assert files_in(tmp_path / "one") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "runs.db"]


def test_an_unknown_campaign_or_database_is_named(url: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown campaign 'chat'"):
        export_campaign("chat", database=url, profiles=None, to=tmp_path / "one", requests=False)
    with pytest.raises(DataError, match="there is no such database"):
        export_campaign("chat", database="sqlite:///no/such.db", profiles=None, to=tmp_path / "one", requests=False)


def test_a_folder_without_an_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no exported campaign"):
        import_campaign(tmp_path, f"sqlite:///{tmp_path / 'new.db'}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("campaign.yaml", "format: 1", "format: 2", "campaign.yaml: is of format 2, this version reads 1"),
        ("campaign.yaml", "name: chat-h100", "nam: chat-h100", "campaign.yaml: field name: is missing"),
        ("runs.csv", ",true,", ",maybe,", r"runs.csv:2: column verdict.valid: should be a valid boolean"),
        ("runs.csv", ",true,", ",[,", "runs.csv:2: cannot be read"),
        ("cells.csv", ",d1,", ",d2,", "cells.csv:2: cannot be read: 'd2'"),
        ("attempts.csv", "measured,", "mesured,", "attempts.csv:2: column outcome: "),
        ("servers.yaml", "hostname: node-1", "hostname: [node-1", "servers.yaml:"),
        ("servers.yaml", "servers:", "serfers:", "servers.yaml"),
        ("requests/run-1.csv", "warmup", "warm", r"requests/run-1.csv:2: column phase: "),
    ],
)
def test_a_file_that_was_changed_into_what_cannot_be_is_named_and_nothing_is_imported(
    url: str, tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    export(url, tmp_path / "one")
    path = tmp_path / "one" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    with pytest.raises(DataError, match=told):
        import_campaign(tmp_path / "one", other)
    assert not (tmp_path / "other.db").exists()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)

SETTINGS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT)


@given(text=TEXT, log=TEXT, reason=TEXT, setting=SETTINGS)
@example(text="a\x85b", log="\u2028", reason="\ufeff", setting="\x85")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_the_way_through_files(
    text: str, log: str, reason: str, setting: object, tmp_path: Path
) -> None:
    result = result_of(CELLS[0], "run-1")
    run = result.attempt.run
    assert run is not None
    run = run.model_copy(update={"source": text, "verdict": Verdict(valid=False, reasons=(reason, log))})
    attempt = result.attempt.model_copy(update={"run": run, "detail": text, "log_tail": log})
    server = SERVER.model_copy(update={"log_tail": log, "detail": reason, "effective": {"x": setting}})
    with open_store("sqlite://") as store:
        store.begin_campaign(RECORD.model_copy(update={"text": text, "title": log}), CELLS)
        store.add_result(replace(result, attempt=attempt, server=server), accept=True)
        whole = store.contents(RECORD.id, requests=True)
    folder = tmp_path / "one"
    for name, content in files_of(whole).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode())
    again = read_export(folder)
    assert again == whole
    assert files_of(again) == files_of(whole)
    for name in files_of(whole):
        (folder / name).unlink()
