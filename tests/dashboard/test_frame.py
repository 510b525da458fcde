"""The question on the page, in its address, and on the command line are one thing."""

from __future__ import annotations

from shlex import split
from typing import TYPE_CHECKING

import pytest

from tests.dashboard.looking import look, words

if TYPE_CHECKING:
    from pathlib import Path

st = pytest.importorskip("streamlit")


def test_the_first_visit_shows_an_answer_and_not_an_empty_form() -> None:
    shown = look()
    assert not shown.exception
    assert "serves 50 qps of chat" in words(shown)
    assert shown.query_params == {"qps": "50", "workload": "chat"}


def test_a_link_is_the_question_it_was_made_from() -> None:
    shown = look(qps="3", workload="rag", gpus="l40s-48gb,h100-sxm-80gb", e2e="9s", include_secondary="yes")
    assert not shown.exception
    assert shown.number_input(key="q_qps").value == 3.0
    assert shown.multiselect(key="q_gpus").value == ["l40s-48gb", "h100-sxm-80gb"]
    assert shown.checkbox(key="q_include-secondary").value is True
    assert split(shown.code[-1].value)[:6] == ["advisor", "recommend", "--qps", "3", "--workload", "rag"]
    assert "--include-secondary" in split(shown.code[-1].value)


def test_what_is_changed_on_the_page_is_in_the_address_and_in_the_command() -> None:
    shown = look()
    shown.number_input(key="q_qps").set_value(7.5)
    shown.text_input(key="q_e2e").set_value("6s").run()
    assert shown.query_params == {"qps": "7.5", "workload": "chat", "e2e": "6s"}
    assert "--qps 7.5 --workload chat --e2e 6s --no-simulate" in shown.code[-1].value
    assert "serves 7.5 qps" in words(shown)


def test_a_start_of_a_name_means_all_that_begin_so_as_on_the_command_line() -> None:
    assert set(look(qps="3", workload="chat", gpus="l40s").multiselect(key="q_gpus").value) == {"l40s-48gb"}


@pytest.mark.parametrize(
    "address",
    [
        {"qps": "many"},
        {"workload": "../../etc/passwd"},
        {"gpus": "abacus"},
        {"profiles": "/etc"},
        {"db": "sqlite:////etc/passwd"},
    ],
)
def test_what_a_link_cannot_say_is_left_out_and_told(address: dict[str, str]) -> None:
    shown = look(**{"qps": "5", "workload": "chat", **address})
    assert not shown.exception
    (name,) = address
    assert name in shown.toast[0].value
    assert "passwd" not in " ".join(code.value for code in shown.code)


def test_no_input_of_the_form_takes_the_name_of_a_file() -> None:
    from dashboard.fields import FIELDS, Kind  # noqa: PLC0415 - the extra is there

    named = [field for field in FIELDS if field.option in {"workload", "daily-profile"}]
    assert [field.kind for field in named] == [Kind.ONE, Kind.ONE]
    assert not {"trace", "profiles", "db", "output", "quality-floor-from"} & {field.option for field in FIELDS}


def test_every_input_is_an_option_of_the_command_line() -> None:
    from advisor.cli.asked import question_in  # noqa: PLC0415 - likewise
    from advisor.errors import InputError  # noqa: PLC0415 - likewise
    from dashboard.fields import FIELDS  # noqa: PLC0415 - likewise

    for field in FIELDS:
        with pytest.raises(InputError) as refused:
            question_in((f"--{field.option}=\x00", "--no-such-option"))
        assert "no-such-option" in str(refused.value) or field.option in str(refused.value)


def test_html_in_a_link_reaches_the_page_as_text() -> None:
    shown = look(qps="5", workload="chat", e2e="<script>alert(1)</script>")
    assert not shown.exception
    assert "<script>" not in words(shown).replace("\\<script\\>", "")
    assert shown.error


def test_nothing_feasible_says_what_comes_nearest_and_leaves_the_form_in_place() -> None:
    shown = look(qps="5", workload="chat", e2e="5ms")
    assert not shown.exception
    assert "Nothing meets this question" in shown.warning[0].value
    assert shown.number_input(key="q_qps").value == 5.0


def test_a_wrong_value_is_told_in_the_words_of_the_form() -> None:
    shown = look(qps="5", workload="chat", burstiness="bumpy")
    assert not shown.exception
    assert "Burstiness \\(CV²\\)" in shown.error[0].value
    assert "--burstiness" not in shown.error[0].value


@pytest.mark.parametrize(
    ("option", "text", "told"),
    [
        ("seed", "1e30", "no whole number from 0 to 9,007,199,254,740,991"),
        ("seed", "-1", "no whole number from 0"),
        ("draws", "20001", "no whole number from 0 to 20,000"),
        ("draws", "2.5", "no whole number"),
        ("top-n", "0", "no whole number from 1 to 1,000"),
        ("headroom", "1.5", "no number from 0 to 0.99"),
        ("isl", "nan", "no number from 0 up"),
        ("gpus", "h100-sxm-80gb,abacus", "'abacus' is none of the choices"),
        ("e2e", "9" * 201, "is longer than 200 letters"),
        ("[x](http://x)", "1", "is not known here"),
    ],
)
def test_what_a_link_says_out_of_range_is_refused_with_the_range(option: str, text: str, told: str) -> None:
    from dashboard.state import _values, refused_in_words  # noqa: PLC0415 - the extra is there

    values, troubles = _values({"qps": "5", option: text})
    said = refused_in_words(troubles)
    assert len(troubles) == 1
    assert told in said.replace("\\", "")
    assert "[x]" not in said
    assert values.get(f"q_{option}") != text


def test_zero_is_a_value_and_no_fault_of_a_link() -> None:
    shown = look(qps="5", workload="chat", spares="0", seed="0", draws="0", include_secondary="no")
    assert not shown.exception
    assert not shown.toast
    assert "--spares 0 --draws 0 --seed 0" in shown.code[-1].value


def test_whole_numbers_are_entered_and_told_as_such() -> None:
    shown = look(qps="5", workload="chat", seed="7")
    seed = shown.number_input(key="q_seed")
    assert (seed.value, seed.step, type(seed.value)) == (7, 1, int)
    seed.set_value(9_007_199_254_740_991).run()
    assert shown.query_params["seed"] == "9007199254740991"


def test_a_command_to_copy_has_no_option_that_it_does_not_know() -> None:
    from advisor.cli.app import COMMANDS  # noqa: PLC0415 - the extra is there
    from advisor.cli.commanding import _flattened  # noqa: PLC0415 - likewise
    from dashboard.fields import FIELDS, UNKNOWN_TO, UPLOADS  # noqa: PLC0415 - likewise

    options = {field.option for field in FIELDS} | {entry.option for entry in UPLOADS}
    known = {
        command.name: {name.replace("_", "-") for name in _flattened(command.function).__annotations__}
        for command in COMMANDS
    }
    for name in ("recommend", "review", "crossover", "next"):
        assert options - UNKNOWN_TO.get(name, set()) <= known[name]


def test_the_text_of_a_field_stays_in_a_command_to_copy_even_if_it_reads_like_an_option() -> None:
    from dashboard.state import Asked  # noqa: PLC0415 - the extra is there

    asked = Asked((("qps", "5"), ("min-quality", "--no-simulate")))
    assert asked.command_of("crossover", simulates=False) == "advisor crossover --qps 5 --min-quality --no-simulate"
    assert asked.command == "advisor recommend --qps 5 --min-quality --no-simulate --no-simulate"


def test_a_link_carries_the_options_that_have_an_input() -> None:
    from advisor.cli.links import FIELDS as CARRIED  # noqa: PLC0415 - the extra is there
    from dashboard.fields import FIELDS  # noqa: PLC0415 - likewise

    assert {field.option for field in FIELDS} == CARRIED


def test_profiles_that_cannot_be_read_are_told_as_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard import choices, settings  # noqa: PLC0415 - an extra

    monkeypatch.setattr(choices, "settings", lambda: settings.Settings(profiles=tmp_path))
    choices.choices.clear()
    shown = look()
    choices.choices.clear()
    assert not shown.exception
    assert "no such folder" in shown.error[0].value
