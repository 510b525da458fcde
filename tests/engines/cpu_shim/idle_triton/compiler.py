"""The half of a Triton backend that would compile."""

from __future__ import annotations

from typing import Any


class IdleBackend:
    """Claims the target `cpu`, and is never asked for more."""

    def __init__(self, target: Any = None) -> None:
        self.target = target

    @staticmethod
    def supports_target(target: Any) -> bool:
        return bool(target.backend == "cpu")

    def hash(self) -> str:
        return "idle-cpu"
