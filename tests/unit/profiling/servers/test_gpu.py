"""Readings of GPUs, against a stand-in for the driver's library: this is as far as a machine without a GPU can prove them."""

# ruff: noqa: N802 - the driver's library has such names
from __future__ import annotations

import sys
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from advisor.domain.attempt import Hardware
from advisor.profiling.servers.gpu import METERS, gpu_hardware, gpu_labels, gpu_readings


class FakeNvml:
    """Two GPUs, as NVML tells of them; the second knows neither its power nor its energy."""

    class NVMLError(Exception):
        """What NVML raises for anything that it does not tell."""

    NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_TEMPERATURE_GPU = 1, 2, 0

    def __init__(self, *, driver: bool = True, count: int = 2) -> None:
        self.driver = driver
        self.count = count
        self.open = 0

    def nvmlInit(self) -> None:
        if not self.driver:
            raise self.NVMLError
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return self.count

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetUUID(self, handle: int) -> str:
        return f"GPU-{handle}aaa-bbb"

    def nvmlDeviceGetName(self, handle: int) -> bytes:
        return b"NVIDIA H100 80GB HBM3" if handle == 0 else b"NVIDIA L40S"

    def nvmlSystemGetDriverVersion(self) -> str:
        return "580.95.05"

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:
        self._refuse_of(handle)
        return 512_345

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: int) -> int:
        self._refuse_of(handle)
        return 9_000_500

    def nvmlDeviceGetClockInfo(self, handle: int, kind: int) -> int:
        del handle
        return {1: 1755, 2: 2619}[kind]

    def nvmlDeviceGetMaxClockInfo(self, handle: int, kind: int) -> int:
        del handle
        return {1: 1980, 2: 2619}[kind]

    def nvmlDeviceGetEnforcedPowerLimit(self, handle: int) -> int:
        self._refuse_of(handle)
        return 700_000

    def nvmlDeviceGetTemperature(self, handle: int, sensor: int) -> int:
        return 60 + handle + sensor

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:
        return SimpleNamespace(gpu=97 - handle)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:
        return SimpleNamespace(used=70 * 2**30 + handle, total=80 * 2**30)

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: int) -> int:
        return 4 + handle

    def _refuse_of(self, handle: int) -> None:
        if handle == 1:
            raise self.NVMLError


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> FakeNvml:
    return put(monkeypatch, FakeNvml())


def put(monkeypatch: pytest.MonkeyPatch, fake: FakeNvml) -> FakeNvml:
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return fake


def names_seen(visible: str | None = None, count: int | None = None) -> tuple[str, ...]:
    return gpu_hardware(visible=visible, count=count).gpus


def test_the_stand_in_knows_only_what_the_real_library_knows() -> None:
    real = import_module("pynvml")
    asked = [name for name in vars(FakeNvml) if name.lower().startswith("nvml")]
    assert len(asked) > 15
    assert [name for name in asked if not hasattr(real, name)] == []


def test_every_meter_is_read_in_its_unit(nvml: FakeNvml) -> None:
    with gpu_readings(lambda: 2.5, count=1) as readings:
        pass
    read = {sample.name: sample.value for sample in readings.samples}
    assert read == {
        'gpu_power_w{gpu="0"}': 512.345,
        'gpu_energy_j{gpu="0"}': 9000.5,
        'gpu_sm_clock_mhz{gpu="0"}': 1755.0,
        'gpu_memory_clock_mhz{gpu="0"}': 2619.0,
        'gpu_temperature_c{gpu="0"}': 60.0,
        'gpu_utilization_share{gpu="0"}': 0.97,
        'gpu_memory_used_bytes{gpu="0"}': 70.0 * 2**30,
        'gpu_throttle_reasons{gpu="0"}': 4.0,
    }
    assert {sample.at_s for sample in readings.samples} == {2.5}
    assert nvml.open == 0


def test_readings_go_on_until_the_run_ends(nvml: FakeNvml) -> None:
    ticks = iter(range(1000))
    with gpu_readings(lambda: float(next(ticks)), every_s=0.001, count=1) as readings:
        while len(readings.samples) < 3 * len(METERS):
            pass
    assert sorted({sample.at_s for sample in readings.samples})[:3] == [0.0, 1.0, 2.0]
    assert nvml.open == 0


def test_what_a_gpu_does_not_tell_is_left_out_and_the_rest_is_read(nvml: FakeNvml) -> None:
    with gpu_readings(lambda: 0.0) as readings:
        pass
    second = {sample.name.partition("{")[0] for sample in readings.samples if 'gpu="1"' in sample.name}
    assert second == METERS.keys() - {"gpu_power_w", "gpu_energy_j"}
    assert nvml.open == 0


def test_hardware_is_told_by_the_driver(nvml: FakeNvml) -> None:
    assert gpu_hardware() == Hardware(
        gpus=("NVIDIA H100 80GB HBM3", "NVIDIA L40S"),
        driver="580.95.05",
        memory_bytes=80 * 2**30,
        sm_clock_mhz=1980.0,
        memory_clock_mhz=2619.0,
        power_limit_w=700.0,
    )
    assert gpu_hardware(visible="1").power_limit_w is None
    assert nvml.open == 0


@pytest.mark.usefixtures("nvml")
@pytest.mark.parametrize(
    ("visible", "seen"),
    [
        ("0,1", ("NVIDIA H100 80GB HBM3", "NVIDIA L40S")),
        ("1,0", ("NVIDIA L40S", "NVIDIA H100 80GB HBM3")),
        ("1", ("NVIDIA L40S",)),
        ("GPU-1aaa", ("NVIDIA L40S",)),
        ("", ()),
        ("-1", ()),
        ("7,0", ()),
    ],
)
def test_only_the_gpus_that_cuda_shows_are_looked_at(visible: str, seen: tuple[str, ...]) -> None:
    assert names_seen(visible) == seen


@pytest.mark.usefixtures("nvml")
def test_the_environment_says_which_are_visible_unless_we_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert names_seen() == ("NVIDIA L40S",)
    assert names_seen("0") == ("NVIDIA H100 80GB HBM3",)
    assert names_seen("0,1", count=1) == ("NVIDIA H100 80GB HBM3",)


@pytest.mark.parametrize("fake", [FakeNvml(driver=False), FakeNvml(count=0)])
def test_without_a_gpu_there_are_no_readings(fake: FakeNvml, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, fake)
    with gpu_readings(lambda: 0.0) as readings:
        pass
    assert readings.samples == []
    assert gpu_hardware() == Hardware()


def test_without_the_library_there_are_no_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with gpu_readings(lambda: 0.0) as readings:
        pass
    assert readings.samples == []


def test_gpus_are_called_by_name_and_number(nvml: FakeNvml) -> None:
    assert gpu_labels() == ("NVIDIA H100 80GB HBM3, GPU 0", "NVIDIA L40S, GPU 1")
    assert gpu_labels(visible="1,0", count=1) == ("NVIDIA L40S, GPU 1",)
    assert nvml.open == 0


def test_without_a_driver_gpus_are_called_as_they_were_given_to_us(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, FakeNvml(driver=False))
    assert gpu_labels(count=1) == ()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    assert gpu_labels(count=1) == ("GPU 2",)
    assert gpu_labels(visible="5") == ("GPU 5",)
