"""What is said about a YAML file that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

GPU = """name: x1
title: X1
vendor: nvidia
arch: ada
compute_capability: "8.9"
memory_bytes: 24_000_000_000
memory_bandwidth_bytes_per_s: 3.0e+11
bf16_flops: null
pcie_bytes_per_s: 3.2e+10
source:
  url: https://example.org/x1
  date: 2026-01-02
"""


def gpu_file(root: Path, text: str, name: str = "x1") -> Path:
    folder = root / "gpus"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def fault(root: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        catalog.read_gpus(root)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_good_file_is_read(tmp_path: Path) -> None:
    gpu_file(tmp_path, GPU)
    assert catalog.read_gpus(tmp_path)["x1"].memory_bytes == 24_000_000_000
    assert catalog.read_gpu(tmp_path, "x1").bf16_flops is None


@pytest.mark.parametrize(
    ("good", "bad", "line", "problem"),
    [
        ("memory_bytes: 24_000_000_000", "memory_bytes: -3", 6, "field memory_bytes: should be greater than 0, not -3"),
        ("title: X1", "titel: X1", 1, "field title: is missing (and 1 more)"),
        ("title: X1", "title: X1\nflops: 3", 3, "field flops: is not a known field"),
        ("title: X1", 'title: X1\nnotes: ""\nvendor: ""', 5, "cannot be read as YAML: the key 'vendor' stands twice"),
        (
            "url: https",
            "url: ftp",
            11,
            "field source.url: string should match pattern '^https?://\\S+$', not 'ftp://example.org/x1'",
        ),
        (
            "date: 2026-01-02",
            "date: soon",
            12,
            "field source.date: should be a valid date or datetime, input is too short, not 'soon'",
        ),
        ("source:", "source: [", 12, "cannot be read as YAML: did not find expected ',' or ']'"),
        ("bf16_flops: null", "bf16_flops: .nan", 8, "field bf16_flops: should be a finite number, not nan"),
    ],
)
def test_a_bad_field_is_named_with_its_line(tmp_path: Path, good: str, bad: str, line: int, problem: str) -> None:
    path = gpu_file(tmp_path, GPU.replace(good, bad))
    where, _, said = str(fault(tmp_path)).partition(": ")
    assert said == problem
    assert where.removeprefix(str(path)).split(":")[1] == str(line)


def test_yaml_that_breaks_off_is_named_with_line_and_column(tmp_path: Path) -> None:
    path = gpu_file(tmp_path, "name: x1\ntitle: [\n")
    assert str(fault(tmp_path)).startswith(f"{path}:3:1: cannot be read as YAML: ")


def test_a_repeated_key_of_a_nested_mapping_is_seen(tmp_path: Path) -> None:
    path = gpu_file(tmp_path, GPU + "  date: 2026-01-03\n")
    assert str(fault(tmp_path)) == f"{path}:13:3: cannot be read as YAML: the key 'date' stands twice"


@pytest.mark.parametrize("text", ["", "- a\n", "42\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = gpu_file(tmp_path, text)
    assert str(fault(tmp_path)) == f"{path}:1: is not a mapping of fields to values"


def test_a_key_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = gpu_file(tmp_path, GPU + "? [a, b]\n: 1\n")
    assert str(fault(tmp_path)).startswith(f"{path}:13:3: cannot be read as YAML: found unhashable key")


def test_an_impossible_date_is_refused(tmp_path: Path) -> None:
    path = gpu_file(tmp_path, GPU.replace("2026-01-02", "2026-13-02"))
    assert str(fault(tmp_path)) == f"{path}: cannot be read as YAML: month must be in 1..12"


def test_a_tag_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = gpu_file(tmp_path, "name: !!python/object/apply:os.getcwd []\n")
    assert str(fault(tmp_path)).startswith(f"{path}:1:7: cannot be read as YAML: could not determine a constructor")


def test_a_file_called_by_another_name_is_refused(tmp_path: Path) -> None:
    path = gpu_file(tmp_path, GPU, name="x2")
    assert str(fault(tmp_path)) == f"{path}: describes 'x1'"


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = gpu_file(tmp_path, GPU)
    path.write_bytes(GPU.encode() + b"notes: caf\xe9\n")
    assert str(fault(tmp_path)) == f"{path}:13: is not UTF-8 text"


def test_a_folder_called_like_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gpus" / "x1.yaml"
    path.mkdir(parents=True)
    assert str(fault(tmp_path)) == f"{path}: is a folder, not a file"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert str(fault(tmp_path)) == f"{tmp_path / 'gpus'}: no such folder"


def test_an_unknown_name_brings_up_the_near_ones(tmp_path: Path) -> None:
    gpu_file(tmp_path, GPU)
    with pytest.raises(UnknownNameError, match=r"^unknown gpu 'x11'$") as caught:
        catalog.read_gpu(tmp_path, "x11")
    assert caught.value.hint == "did you mean x1?"


def test_the_shipped_profiles_are_found() -> None:
    assert (catalog.profiles_root() / "gpus").is_dir()
