"""Several processes that store at the same time, and some that are killed: each cell has one accepted result."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from advisor.store import open_store
from advisor.store.tables import AcceptedRow
from tests.unit.store.filled import CELLS, RECORD, SAMPLES, TIMINGS, result_of

ROOT = Path(__file__).parents[3]
WRITE = """
import sys
from advisor.store import open_store
from tests.unit.store.filled import CELLS, RECORD, result_of
url, who = sys.argv[1:]
with open_store(url) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    store.begin_campaign(RECORD, CELLS)
    for turn in range(10):
        for cell in CELLS:
            store.add_result(result_of(cell, f"{who}-{cell.ordinal}-{turn}"), accept=True)
            store.add_result(result_of(cell, f"shared-{cell.ordinal}-{turn}"), accept=True)
"""

TELL = """
import sys
from itertools import count
from advisor.store import open_store
from tests.unit.store.filled import CELLS, RECORD, result_of
url, who = sys.argv[1:]
with open_store(url) as store:
    for turn in count():
        for cell in CELLS:
            name = f"{who}-{cell.ordinal}-{turn}"
            store.add_result(result_of(cell, name), accept=True)
            print(name, flush=True)
"""


@pytest.mark.servers
def test_each_cell_has_one_accepted_result_whoever_was_first(url: str) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, url, who],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("anna", "ben")
    ]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n")
    assert [writer.returncode for writer in writers] == [0, 0]
    with open_store(url) as store:
        attempts = {attempt.id for attempt in store.attempts(RECORD.id)}
        accepted = store.accepted(RECORD.id)
    assert len(attempts) == 3 * 10 * len(CELLS)
    assert set(accepted) == {cell.id for cell in CELLS}
    assert set(accepted.values()) <= attempts


@pytest.mark.parametrize("cell", CELLS[:2], ids=["of-the-same-cell", "of-another-cell"])
def test_the_database_itself_refuses_a_second_or_foreign_accepted_result(url: str, cell: object) -> None:
    first, second, *_ = CELLS
    row = {"cell_id": first.id, "attempt_id": "b"} if cell is first else {"cell_id": second.id, "attempt_id": "b"}
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
        store.add_results([(result_of(first, "a"), True), (result_of(first, "b"), False)])
        with pytest.raises(IntegrityError), store._engine.begin() as connection:
            connection.execute(insert(AcceptedRow), row)


@pytest.mark.servers
def test_a_writer_killed_at_any_moment_has_stored_whole_results_or_none(url: str) -> None:
    moments = random.Random(4)
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
    said: set[str] = set()
    for turn in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", TELL, url, str(turn)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout
        said.add(writer.stdout.readline().strip())
        sleep(moments.uniform(0.0, 0.05))
        writer.kill()
        said.update(writer.communicate()[0].split())
    with open_store(url) as store:
        attempts = store.attempts(RECORD.id)
        stored = {attempt.id for attempt in attempts}
        assert said <= stored
        assert {len(store.timings(name)) for name in stored} == {len(TIMINGS)}
        assert {len(store.samples(name)) for name in stored} == {len(SAMPLES)}
        assert {run.id for run in store.runs()} == stored
        accepted = store.accepted(RECORD.id)
        assert set(accepted) == {attempt.cell_id for attempt in attempts}
        assert set(accepted.values()) <= stored
