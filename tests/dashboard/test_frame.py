"""The question on the page, in its address, and on the command line are one thing."""

from __future__ import annotations

from shlex import split

import pytest

from tests.dashboard.looking import look, words

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
        {"trace": "/etc/passwd"},
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


def test_a_wrong_value_is_told_in_the_words_of_the_command_line() -> None:
    shown = look(qps="5", workload="chat", burstiness="bumpy")
    assert not shown.exception
    assert "burstiness" in shown.error[0].value


def test_a_link_carries_the_options_that_have_an_input() -> None:
    from advisor.cli.links import FIELDS as CARRIED  # noqa: PLC0415 - the extra is there
    from dashboard.fields import FIELDS  # noqa: PLC0415 - likewise

    assert {field.option for field in FIELDS} == CARRIED
