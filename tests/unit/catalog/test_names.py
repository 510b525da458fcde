"""Finding the name a user meant."""

from __future__ import annotations

import pytest

from advisor.catalog import resolve, resolve_all
from advisor.errors import InputError, UnknownNameError

NAMES = (
    "a100-sxm-40gb",
    "a100-sxm-80gb",
    "b200-sxm-180gb",
    "h100-nvl-94gb",
    "h100-pcie-80gb",
    "h100-sxm-80gb",
    "l4-24gb",
    "l40s-48gb",
    "mi300x-192gb",
    "mi325x-256gb",
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("l4-24gb", "l4-24gb"),
        ("B200", "b200-sxm-180gb"),
        (" L40S ", "l40s-48gb"),
        ("h100-pcie", "h100-pcie-80gb"),
        ("h100-n", "h100-nvl-94gb"),
        ("mi325", "mi325x-256gb"),
    ],
)
def test_a_name_or_its_only_beginning_is_found(text: str, name: str) -> None:
    assert resolve("GPU", text, NAMES) == name


def test_an_exact_name_wins_over_longer_ones() -> None:
    assert resolve("model", "gemma", ["gemma-2", "gemma"]) == "gemma"
    assert resolve_all("model", "gemma", ["gemma-2", "gemma"]) == ["gemma"]


def test_an_l4_is_no_l40s() -> None:
    assert resolve_all("GPU", "l4", NAMES) == ["l4-24gb"]


def test_a_filter_means_every_variant() -> None:
    assert resolve_all("GPU", "H100", NAMES) == ["h100-nvl-94gb", "h100-pcie-80gb", "h100-sxm-80gb"]


def test_a_part_of_a_word_is_taken_only_where_no_word_fits() -> None:
    assert resolve_all("GPU", "mi3", NAMES) == ["mi300x-192gb", "mi325x-256gb"]
    assert resolve_all("GPU", "mi3", [*NAMES, "mi3-64gb"]) == ["mi3-64gb"]


def test_where_one_is_needed_the_sxm_part_is_meant() -> None:
    assert resolve("GPU", "h100", NAMES) == "h100-sxm-80gb"


@pytest.mark.parametrize(
    ("text", "meanings"),
    [("a100", "a100-sxm-40gb, a100-sxm-80gb"), ("mi3", "mi300x-192gb, mi325x-256gb"), ("l", "l4-24gb, l40s-48gb")],
)
def test_an_ambiguous_beginning_names_what_it_could_be(text: str, meanings: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve("GPU", text, NAMES)
    assert str(caught.value) == f"GPU {text!r} could be {meanings}"


@pytest.mark.parametrize("text", ["tpu", "", "  ", "100", "sxm"])
def test_what_begins_no_name_is_unknown(text: str) -> None:
    for find in (resolve, resolve_all):
        with pytest.raises(UnknownNameError, match="unknown GPU"):
            find("GPU", text, NAMES)


def test_an_unknown_name_comes_with_the_closest_ones() -> None:
    with pytest.raises(UnknownNameError) as caught:
        resolve("GPU", "h10-sxm", NAMES)
    assert "h100-sxm-80gb" in caught.value.hint
