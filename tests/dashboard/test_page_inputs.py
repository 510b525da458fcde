"""Inputs of one page: they stand in the address beside the question, and follow what they are defaults of."""

from __future__ import annotations

from tests.dashboard.looking import LIMIT_S, look


def page(script: str, **address: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - an extra
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415 - likewise

    shown = AppTest.from_string(
        f"import streamlit as st\nfrom dashboard.page_inputs import page_input\n{script}", default_timeout=LIMIT_S
    )
    for name, value in address.items():
        shown.query_params[f"here.{name}"] = value
    return shown.run()


NUMBER = "st.number_input('n', value=None, key=page_input('here.n', None, within=(1.0, 9.0)))"
ONE = "st.selectbox('of', ['a', 'b'], key=page_input('here.of', 'a', ['a', 'b']))"
SOME = "st.multiselect('some', ['a', 'b'], key=page_input('here.some', [], ['a', 'b']))"
FLAG = "st.toggle('yes', key=page_input('here.yes', default=False))"


def test_the_address_fills_the_inputs() -> None:
    shown = page(f"{NUMBER}\n{ONE}\n{SOME}\n{FLAG}", n="4.5", of="b", some="b,a", yes="yes")
    assert shown.number_input[0].value == 4.5
    assert shown.selectbox[0].value == "b"
    assert shown.multiselect[0].value == ["b", "a"]
    assert shown.toggle[0].value is True


def test_what_an_address_cannot_say_becomes_the_default() -> None:
    shown = page(f"{NUMBER}\n{ONE}\n{SOME}", n="44", of="c", some="c")
    assert shown.number_input[0].value is None
    assert shown.selectbox[0].value == "a"
    assert shown.multiselect[0].value == []
    assert shown.query_params == {}
    assert [toast.value.split()[5] for toast in shown.toast] == ["here.n", "here.of", "here.some"]


def test_an_address_that_says_the_default_is_no_fault() -> None:
    shown = page(f"{ONE}\n{FLAG}", of="a", yes="no")
    assert not shown.toast


def test_a_change_is_in_the_address_until_it_is_the_default_again() -> None:
    shown = page(ONE)
    shown.selectbox[0].set_value("b").run()
    assert shown.query_params == {"here.of": "b"}
    shown.selectbox[0].set_value("a").run()
    assert shown.query_params == {}


FOLLOWING = """usual = st.text_input("usual", value="a")
st.selectbox("of", ["a", "b", "c"], key=page_input("here.of", usual, ["a", "b", "c"]))"""


def test_what_was_never_changed_follows_its_default() -> None:
    shown = page(FOLLOWING)
    shown.text_input[0].set_value("b").run()
    assert shown.selectbox[0].value == "b"


def test_what_was_changed_stays() -> None:
    shown = page(FOLLOWING)
    shown.selectbox[0].set_value("c").run()
    shown.text_input[0].set_value("b").run()
    assert shown.selectbox[0].value == "c"


AWAY = """here = st.toggle("here", value=True)
if here:
    st.selectbox("of", ["a", "b"], key=page_input("here.of", "a", ["a", "b"]))"""


def test_a_value_outlasts_the_sight_of_it() -> None:
    shown = page(AWAY)
    shown.selectbox[0].set_value("b").run()
    shown.toggle[0].set_value(False).run()
    shown.toggle[0].set_value(True).run()
    assert shown.selectbox[0].value == "b"


def test_the_question_keeps_the_inputs_of_pages_in_the_address() -> None:
    shown = look("prices", qps="5", workload="chat", **{"prices.used": "yes"})
    assert not shown.exception
    assert not shown.toast
    shown.number_input(key="q_qps").set_value(6.0).run()
    assert shown.query_params == {"qps": "6", "workload": "chat", "prices.used": "yes"}
