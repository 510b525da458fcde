"""Finding the name a user meant."""

from __future__ import annotations

import pytest

from advisor.catalog import resolve
from advisor.errors import InputError, UnknownNameError

NAMES = ("h100-sxm-80gb", "h100-pcie-80gb", "h200-sxm-141gb", "l4-24gb", "l40s-48gb")


@pytest.mark.parametrize(
    ("text", "name"),
    [("H200", "h200-sxm-141gb"), ("l4-24gb", "l4-24gb"), ("h100-s", "h100-sxm-80gb"), (" L40S ", "l40s-48gb")],
)
def test_a_name_or_its_only_beginning_is_found(text: str, name: str) -> None:
    assert resolve("GPU", text, NAMES) == name


def test_an_exact_name_wins_over_longer_ones() -> None:
    assert resolve("model", "gemma", ["gemma-2", "gemma"]) == "gemma"


def test_an_ambiguous_beginning_names_what_it_could_be() -> None:
    with pytest.raises(InputError) as caught:
        resolve("GPU", "h100", NAMES)
    assert str(caught.value) == "GPU 'h100' could be h100-pcie-80gb, h100-sxm-80gb"


@pytest.mark.parametrize("text", ["tpu", "", "  "])
def test_what_begins_no_name_is_unknown(text: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown GPU"):
        resolve("GPU", text, NAMES)
