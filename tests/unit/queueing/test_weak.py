import pytest

from advisor.queueing.weak import weaknesses

STRONG = {"load": 0.85, "arrival_scv": 1.0, "prefill_share": 0.35, "first_token": True}


@pytest.mark.parametrize("arrival_scv", [0.25, 1.0, 2.0])
def test_within_what_was_validated_formulas_are_trusted(arrival_scv: float) -> None:
    assert list(weaknesses(**{**STRONG, "arrival_scv": arrival_scv})) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("load", 0.851, "load 85 % of saturation"),
        ("arrival_scv", 119.0, "arrivals in bursts (dispersion 119)"),
        ("prefill_share", 0.4, "40 % of the time on prompts"),
        ("arrival_scv", 4.0, "TTFT under bursts (dispersion 4.0)"),
    ],
)
def test_each_limit_that_is_passed_is_named(field: str, value: float, words: str) -> None:
    assert words in list(weaknesses(**{**STRONG, field: value}))  # type: ignore[arg-type]


def test_bursts_up_to_ten_only_harm_the_first_token() -> None:
    assert list(weaknesses(load=0.5, arrival_scv=10.0, prefill_share=0.0, first_token=False)) == []


def test_all_weaknesses_are_named() -> None:
    assert len(list(weaknesses(load=0.9, arrival_scv=11.0, prefill_share=0.5, first_token=True))) == 4


@pytest.mark.parametrize(
    ("slots", "arrival_scv", "told"), [(8, 4.0, True), (8, 0.1, True), (8, 1.3, False), (64, 4.0, False)]
)
def test_few_slots_average_little_out(slots: int, arrival_scv: float, told: bool) -> None:
    found = list(weaknesses(load=0.5, arrival_scv=arrival_scv, prefill_share=0.1, first_token=False, slots=slots))
    assert bool(found) is told
    assert all("few slots" in words for words in found)
