"""A GPU that is not the one that was meant is noticed by what its driver tells; one that may be is let pass."""

from __future__ import annotations

import pytest

from advisor.profiling.cluster.recognizing import mismatch

MIB = 2**20
RIGHT = [  # names and memory as drivers tell them
    ("h100-sxm-80gb", "NVIDIA H100 80GB HBM3", 81_559 * MIB),
    ("h100-pcie-80gb", "NVIDIA H100 PCIe", 81_559 * MIB),
    ("h100-nvl-94gb", "NVIDIA H100 NVL", 95_830 * MIB),
    ("h200-sxm-141gb", "NVIDIA H200", 143_771 * MIB),
    ("b200-sxm-180gb", "NVIDIA B200", 183_359 * MIB),
    ("gb200-nvl72-192gb", "NVIDIA GB200", 189_471 * MIB),
    ("a100-sxm-40gb", "NVIDIA A100-SXM4-40GB", 40_960 * MIB),
    ("a100-sxm-80gb", "NVIDIA A100-SXM4-80GB", 81_920 * MIB),
    ("a100-pcie-80gb", "NVIDIA A100 80GB PCIe", 81_920 * MIB),
    ("l40s-48gb", "NVIDIA L40S", 46_068 * MIB),
    ("l4-24gb", "NVIDIA L4", 23_034 * MIB),
    ("rtx-4090-24gb", "NVIDIA GeForce RTX 4090", 24_564 * MIB),
    ("rtx-pro-6000-96gb", "NVIDIA RTX PRO 6000 Blackwell Server Edition", 97_887 * MIB),
    ("gb10-128gb", "NVIDIA GB10", None),
    ("mine", "Whatever 9000", 81_920 * MIB),
]


@pytest.mark.parametrize(("gpu", "name", "memory_bytes"), RIGHT)
def test_the_right_gpu_passes(gpu: str, name: str, memory_bytes: int | None) -> None:
    assert mismatch(gpu, name=name, memory_bytes=memory_bytes) == ""


@pytest.mark.parametrize(
    ("gpu", "name", "memory_bytes", "said"),
    [
        ("h100-sxm-80gb", "NVIDIA H100 PCIe", 81_559 * MIB, "the GPU is a NVIDIA H100 PCIe"),
        ("h100-pcie-80gb", "NVIDIA H100 80GB HBM3", 81_559 * MIB, "the GPU is a NVIDIA H100 80GB HBM3"),
        ("h200-sxm-141gb", "NVIDIA H200 NVL", 143_771 * MIB, "the GPU is a NVIDIA H200 NVL"),
        ("a100-sxm-80gb", "NVIDIA A100-SXM4-40GB", 40_960 * MIB, "the GPU is a NVIDIA A100-SXM4-40GB with 43 GB"),
        ("h100-sxm-80gb", "NVIDIA H100 80GB HBM3 MIG 3g.40gb", 40_448 * MIB, "HBM3 MIG 3g.40gb with 42 GB"),
    ],
)
def test_another_gpu_of_the_same_chip_is_noticed(gpu: str, name: str, memory_bytes: int, said: str) -> None:
    assert mismatch(gpu, name=name, memory_bytes=memory_bytes).endswith(said)
