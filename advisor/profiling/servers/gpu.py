"""The GPUs of this machine as their driver sees them: what they are, and readings while they work."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from advisor.domain.attempt import Hardware
from advisor.domain.timing import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

EVERY_S = 1.0
VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU: its place among those of the machine, and the driver's handle."""

    index: int
    handle: Any


@dataclass
class GpuReadings:
    """What was read so far. Times are on the clock of the run."""

    samples: list[Sample] = field(default_factory=list)


def _power_w(nvml: Any, handle: Any) -> float:
    return float(nvml.nvmlDeviceGetPowerUsage(handle)) / 1e3


def _energy_j(nvml: Any, handle: Any) -> float:
    return float(nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1e3


def _sm_clock_mhz(nvml: Any, handle: Any) -> float:
    return float(nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM))


def _memory_clock_mhz(nvml: Any, handle: Any) -> float:
    return float(nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_MEM))


def _temperature_c(nvml: Any, handle: Any) -> float:
    return float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))


def _utilization(nvml: Any, handle: Any) -> float:
    return float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu) / 100.0


def _memory_used_bytes(nvml: Any, handle: Any) -> float:
    return float(nvml.nvmlDeviceGetMemoryInfo(handle).used)


def _throttle_reasons(nvml: Any, handle: Any) -> float:
    return float(nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle))


METERS: dict[str, Callable[[Any, Any], float]] = {
    "gpu_power_w": _power_w,
    "gpu_energy_j": _energy_j,
    "gpu_sm_clock_mhz": _sm_clock_mhz,
    "gpu_memory_clock_mhz": _memory_clock_mhz,
    "gpu_temperature_c": _temperature_c,
    "gpu_utilization_share": _utilization,
    "gpu_memory_used_bytes": _memory_used_bytes,
    "gpu_throttle_reasons": _throttle_reasons,
}
"""What is read, by the name of its sample. Energy counts since the driver was loaded; throttle reasons are NVML's bit mask."""


@contextmanager
def gpu_readings(
    clock: Callable[[], float], *, every_s: float = EVERY_S, visible: str | None = None, count: int | None = None
) -> Iterator[GpuReadings]:
    """Read the GPUs while this lasts; without a GPU or its driver there are no readings.

    Parameters
    ----------
    clock
        Tells the time of the run in seconds.
    every_s
        Seconds between readings.
    visible
        The GPUs that are looked at, as in CUDA_VISIBLE_DEVICES; None takes what our own environment says.
    count
        How many of them at most: those that a server uses.
    """
    readings = GpuReadings()
    with _driver() as nvml:
        gpus = [] if nvml is None else visible_gpus(nvml, visible)[:count]
        done = threading.Event()
        thread = threading.Thread(target=_read, args=(nvml, gpus, clock, every_s, readings, done), daemon=True)
        if gpus:
            thread.start()
        try:
            yield readings
        finally:
            done.set()
            if gpus:
                thread.join()


def gpu_hardware(*, visible: str | None = None, count: int | None = None) -> Hardware:
    """Return what the driver tells of the GPUs that a server may use; nothing where there is none."""
    with _driver() as nvml:
        gpus = [] if nvml is None else visible_gpus(nvml, visible)[:count]
        if not gpus:
            return Hardware()
        first = gpus[0].handle
        return Hardware(
            gpus=tuple(_text(nvml.nvmlDeviceGetName(gpu.handle)) for gpu in gpus),
            driver=_text(nvml.nvmlSystemGetDriverVersion()),
            memory_bytes=_told(nvml, lambda: int(nvml.nvmlDeviceGetMemoryInfo(first).total)),
            sm_clock_mhz=_told(nvml, lambda: nvml.nvmlDeviceGetMaxClockInfo(first, nvml.NVML_CLOCK_SM)),
            memory_clock_mhz=_told(nvml, lambda: nvml.nvmlDeviceGetMaxClockInfo(first, nvml.NVML_CLOCK_MEM)),
            power_limit_w=_told(nvml, lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(first) / 1e3),
        )


def gpu_labels(*, visible: str | None = None, count: int | None = None) -> tuple[str, ...]:
    """Return what the GPUs that a server may use are called, each with its number on this machine.

    Without a driver they are known by the words of CUDA_VISIBLE_DEVICES alone.
    """
    with _driver() as nvml:
        if nvml is not None:
            gpus = visible_gpus(nvml, visible)[:count]
            return tuple(f"{_text(nvml.nvmlDeviceGetName(gpu.handle))}, GPU {gpu.index}" for gpu in gpus)
    words = (os.environ.get(VISIBLE) or "") if visible is None else visible
    return tuple(f"GPU {word.strip()}" for word in words.split(",") if word.strip())[:count]


def visible_gpus(nvml: Any, visible: str | None = None) -> list[Gpu]:
    """Return the GPUs that CUDA would show a process, in its order: by number, or by (the start of) their UUID."""
    everyone = [Gpu(i, nvml.nvmlDeviceGetHandleByIndex(i)) for i in range(nvml.nvmlDeviceGetCount())]
    asked = os.environ.get(VISIBLE) if visible is None else visible
    if asked is None:
        return everyone
    shown: list[Gpu] = []
    for word in filter(None, (part.strip() for part in asked.split(","))):
        found = [gpu for gpu in everyone if _is_called(nvml, gpu, word)]
        if not found:  # CUDA, too, ignores whatever follows one that is not there
            break
        shown += found[:1]
    return shown


def _is_called(nvml: Any, gpu: Gpu, word: str) -> bool:
    if word.isdigit():
        return int(word) == gpu.index
    return _text(nvml.nvmlDeviceGetUUID(gpu.handle)).startswith(word)


def _read(
    nvml: Any,
    gpus: Sequence[Gpu],
    clock: Callable[[], float],
    every_s: float,
    readings: GpuReadings,
    done: threading.Event,
) -> None:
    """Read until done, once at least; what a GPU does not tell is left out."""
    while True:
        at_s = clock()
        for gpu in gpus:
            for name, meter in METERS.items():
                with suppress(nvml.NVMLError):
                    readings.samples.append(Sample(at_s, f'{name}{{gpu="{gpu.index}"}}', meter(nvml, gpu.handle)))
        if done.wait(every_s):
            return


@contextmanager
def _driver() -> Iterator[Any]:
    """Yield the driver's library; None where it is missing or finds no GPU."""
    try:
        import pynvml  # type: ignore[import-untyped]  # noqa: PLC0415 - machines without a GPU need not have it
    except ImportError:
        yield None
        return
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield None
        return
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()


def _told(nvml: Any, ask: Callable[[], Any]) -> Any:
    """Return an answer; None if the GPU does not tell."""
    with suppress(nvml.NVMLError):
        return ask()
    return None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
