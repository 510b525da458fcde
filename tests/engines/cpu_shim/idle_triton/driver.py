"""The half of a Triton backend that would speak to a device."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class IdleDriver:
    """Tells of one device, the CPU."""

    @staticmethod
    def is_active() -> bool:
        return True

    @property
    def utils(self) -> IdleDriver:
        return self

    def get_current_target(self) -> Any:
        return import_module("triton.backends.compiler").GPUTarget("cpu", 0, 1)

    def get_active_torch_device(self) -> Any:
        return import_module("torch").device("cpu")

    def get_current_device(self) -> int:
        return 0

    def get_current_stream(self, _: Any = None) -> int:
        return 0

    def get_device_properties(self, _: Any = None) -> dict[str, int]:
        return {"multiprocessor_count": 1, "max_shared_mem": 1 << 20, "warpSize": 1}
