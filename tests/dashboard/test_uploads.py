"""Uploads: kept by their content, named in links, refused by name, line and field, and never answered without."""

from __future__ import annotations

from errno import ENOSPC
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("streamlit")

from dashboard.uploads import MOST_UPLOAD_BYTES, NotKeptError, Shelf, Upload, shelf
from tests.dashboard.looking import look, words

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = {"qps": "5", "gpus": "h100-sxm-80gb", "draws": "0"}
TRACE = "t_s,input_tokens,output_tokens\n" + "".join(f"{i / 7},{500 + i},{50 + i % 40}\n" for i in range(300))
BROKEN = "t_s,input_tokens,output_tokens\n0,800,300\n1,many,300\n"
GRADES = "model,task,passed\n" + "".join(
    f"{model},{task},{int(task % every != 0)}\n"
    for model, every in (("gemma-4-26b", 20), ("diffusiongemma", 3))
    for task in range(200)
)


@pytest.fixture(autouse=True)
def own_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """Give each test a server of its own."""
    fresh = Shelf(tmp_path)
    for module in ("state", "sidebar", "upload_inputs"):
        monkeypatch.setattr(f"dashboard.{module}.shelf", lambda: fresh)
    yield fresh
    shelf.cache_clear()


def given(key: str, name: str, content: str, page: str = "recommend", **address: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - an extra
    shown = look(page, **{**QUICK, **address})
    uploader = next(u for u in shown.file_uploader if (u.key or "").startswith(key))
    return uploader.upload(name, content.encode(), "text/csv").run()


def test_an_upload_is_in_the_link_and_another_tab_shows_the_same(own_shelf: Shelf) -> None:
    shown = given("q_trace", "My trace.csv", TRACE, workload="rag")
    assert not shown.exception
    kept = own_shelf.keep("trace", "My trace.csv", TRACE.encode())
    assert shown.query_params == {**QUICK, "trace": kept.reference}
    assert "serves 5 qps of my-trace" in words(shown).replace("\\", "")
    assert "--trace 'My trace.csv'" in shown.code[-1].value
    again = look(**shown.query_params)
    assert not again.toast
    assert words(again).replace("In use: **My trace.csv**\n", "") == words(shown)
    assert again.code[-1].value == shown.code[-1].value


def test_a_file_is_let_go_of_and_the_workload_is_back() -> None:
    shown = given("q_trace", "mine.csv", TRACE, workload="rag")
    again = look(**shown.query_params, workload="rag")
    again.button(key="q_trace_remove").click().run()
    assert "trace" not in again.query_params
    assert "serves 5 qps of rag" in words(again)


def test_a_file_that_left_is_asked_for_again_and_nothing_is_answered(own_shelf: Shelf) -> None:
    gone = Upload("azure.csv", "", "ab" * 12)
    for page in ("recommend", "load", "prices", "crossover"):
        shown = look(page, **QUICK, trace=gone.reference)
        assert not shown.exception
        assert "azure.csv is not on this server" in words(shown).replace("\\", "")
        assert not shown.metric
        assert shown.query_params["trace"] == gone.reference
    own_shelf.keep("trace", "azure.csv", TRACE.encode())
    kept = own_shelf.keep("trace", "azure.csv", TRACE.encode())
    assert "serves 5 qps of azure" in words(look(**QUICK, trace=kept.reference))


@pytest.mark.parametrize("text", ["/etc/passwd", "../../x~" + "a" * 24, "a.csv~" + "A" * 24, "a/b~" + "a" * 24])
def test_a_link_names_no_path(own_shelf: Shelf, text: str) -> None:
    asked_for = own_shelf.find("trace", text)
    assert asked_for is not None
    assert asked_for.lost
    assert "/" not in asked_for.name
    assert own_shelf.find("trace", asked_for.reference) == asked_for
    kept = Path(asked_for.path).relative_to(own_shelf.folder)
    assert (kept.parts[0], kept.name, len(kept.parts)) == ("lost", "trace.csv", 3)


def test_a_link_that_tells_the_name_of_a_file_asks_for_it_and_for_nothing_else(own_shelf: Shelf) -> None:
    shown = look(**QUICK, trace="foo.csv")
    assert not shown.exception
    assert not shown.toast
    assert not shown.metric
    assert "Upload **foo.csv** to answer this link" in words(shown)
    assert shown.query_params["trace"] == "foo.csv"
    assert shown.selectbox(key="q_workload").disabled
    own_shelf.keep("trace", "foo.csv", TRACE.encode())
    assert own_shelf.find("trace", "foo.csv") != own_shelf.find("trace", "bar.csv")


def test_what_a_link_left_out_is_said_above_the_answer_until_it_is_taken_so() -> None:
    shown = look("campaigns", **QUICK, left_out="slo,max-price-age,<b>")
    told = shown.main.warning[0].value.replace("\\", "")
    assert "This link leaves out --slo, --max-price-age: the question on the command line was another" in told
    assert "<b>" not in told
    assert shown.query_params["left-out"] == "slo,max-price-age"
    shown.button(key="q_left_out_taken").click().run()
    assert "left-out" not in shown.query_params
    assert "leaves out" not in words(shown)


def test_that_a_file_is_gone_is_not_kept_as_an_answer(tmp_path: Path) -> None:
    from advisor.cli.asked import CalledFile  # noqa: PLC0415 - beside its use
    from dashboard.answers import Failure, kept  # noqa: PLC0415 - the extra is there

    path = tmp_path / "trace.csv"

    @kept()
    def title(arguments: tuple[str, ...]) -> str:
        from advisor.cli.asked import question_in  # noqa: PLC0415 - Streamlit reads the source

        return question_in(arguments).workload.title

    asked = ("--qps", "5", "--trace", CalledFile(str(path), called="mine.csv"))
    gone = title(asked)
    assert isinstance(gone, Failure)
    assert gone.message == "mine.csv is not on this server"
    path.write_text(TRACE)
    assert title(asked) == "trace mine.csv"


def test_a_bad_file_is_told_by_its_name_line_and_field_and_the_page_stays_usable(tmp_path: Path) -> None:
    shown = given("q_trace", "broken.csv", BROKEN)
    told = shown.error[0].value.replace("\\", "")
    assert told.startswith("**broken.csv:3: column input_tokens")
    assert str(tmp_path) not in words(shown)
    graded = given("q_quality-floor-from", "graded.csv", "model,task,passed\ngemma-4-26b,a,maybe\n", workload="chat")
    assert graded.error[0].value.replace("\\", "").startswith("**graded.csv:2: column passed")
    assert graded.number_input(key="q_qps").value == 5.0


def test_graded_answers_decide_as_on_the_command_line_and_are_in_the_link() -> None:
    shown = given("q_quality-floor-from", "grades.csv", GRADES, workload="chat", **{"min-pass-rate": "0.9"})
    assert not shown.exception
    assert "quality-floor-from" in shown.query_params
    assert "--min-pass-rate 0.9" in shown.code[-1].value
    assert "--quality-floor-from grades.csv" in shown.code[-1].value
    rejected = next(table.value for table in shown.dataframe if "constraint" in table.value)
    assert list(rejected[rejected["constraint"] == "quality"]["deployment"]) == ["diffusiongemma-26b-a4b"]
    table = next(table.value for table in shown.dataframe if "pass rate" in table.value)
    assert "own grades, grades.csv" in table["pass rate known by"][0]


def test_the_trace_of_the_load_page_is_in_its_link_too(own_shelf: Shelf) -> None:
    kept = own_shelf.keep("trace", "mine.csv", TRACE.encode())
    address = {**QUICK, "workload": "chat", "load.arrivals": "as in a trace"}
    shown = look("load", **address, **{"load.trace": kept.reference})
    assert not shown.exception
    assert "300 requests of mine" in words(shown)
    assert shown.query_params["load.trace"] == kept.reference
    lost = look("load", **address, **{"load.trace": "mine.csv~" + "0" * 24})
    assert "is not on this server any more" in words(lost)
    assert not lost.metric


def test_too_large_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.upload_inputs.MOST_UPLOAD_BYTES", 10**6)
    shown = given("q_trace", "large.csv", "x" * (10**6 + 1), workload="chat")
    assert "A file may have 1 MB at most" in words(shown)
    assert "trace" not in shown.query_params


def test_the_least_used_uploads_leave_when_there_is_no_room(tmp_path: Path) -> None:
    ticks = count(step=1000)
    small = Shelf(tmp_path, most_bytes=10, now_s=lambda: float(next(ticks)))
    first, second = small.keep("trace", "a.csv", b"1234"), small.keep("trace", "b.csv", b"5678")
    assert small.find("trace", first.reference) == first
    small.keep("trace", "c.csv", b"90ab")
    found = small.find("trace", second.reference)
    assert found is not None
    assert found.lost
    assert not Path(second.path).exists()
    assert Path(first.path).read_bytes() == b"1234"


def test_files_in_use_are_not_driven_out_and_the_new_one_is_refused(tmp_path: Path) -> None:
    full = Shelf(tmp_path, most_bytes=10, now_s=lambda: 0.0)
    first = full.keep("trace", "a.csv", b"12345678")
    with pytest.raises(NotKeptError, match="no room for the file") as refused:
        full.keep("trace", "b.csv", b"5678")
    assert "in 10 minutes" in refused.value.hint
    assert full.find("trace", first.reference) == first


def test_a_full_disk_is_told_in_the_form_and_leaves_no_half_of_a_file(
    own_shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(part: Path, _content: bytes) -> int:
        part.touch()
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    shown = given("q_trace", "mine.csv", TRACE, page="campaigns", workload="chat")
    assert not shown.exception
    assert "could not keep the file: no space left on device" in words(shown)
    assert "trace" not in shown.query_params
    assert not list(own_shelf.folder.iterdir())


@pytest.mark.parametrize("name", ["../../etc/passwd", "-rf.csv", "a~b\n.csv", "", "C:\\x\\y.csv", "ü" * 300])
def test_what_a_visitor_calls_a_file_is_no_path_and_comes_back_from_a_link(tmp_path: Path, name: str) -> None:
    kept = Shelf(tmp_path).keep("trace", name, b"x")
    here = Path(kept.path).relative_to(tmp_path)
    assert here.name == "trace.csv"
    assert kept.name.isprintable()
    assert not kept.name.startswith(("-", "."))
    assert len(here.parts) == 2
    shelf_of_one = Shelf(tmp_path)
    assert shelf_of_one.find("trace", shelf_of_one.keep("trace", name, b"x").reference) == kept


def test_an_upload_may_be_smaller_than_all_that_are_kept() -> None:
    from dashboard.uploads import MOST_KEPT_BYTES  # noqa: PLC0415 - beside its use

    assert MOST_UPLOAD_BYTES * 10 <= MOST_KEPT_BYTES
