"""Which machines can take a job: GPUs by the names that Ray gives them.

Ray names a GPU after its chip alone (``accelerator_type:H100``), so SXM and PCIe parts, or 40 and 80 GB, are the same to it. A
node that declares the resource ``gpu:<name of the profile>`` is told apart: where any node does, only those count. A campaign
can ask for it itself (``accelerator_type: gpu:a100-sxm-80gb``), which also reaches nodes that are still to be started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from advisor.domain.campaign import ServerKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.domain.campaign import ServedDeployment

    Nodes = Sequence[Mapping[str, Any]]
    """As `ray.nodes()` tells them."""

EXACT = "gpu:"
BY_TYPE = "accelerator_type:"
NO_GPU = "cpu"
"""The type of an engine that needs no GPU: it gets a machine for itself."""
TOUCH = 0.001
"""Amount of a resource that is asked for where only its being there matters: Ray's own way with accelerator types."""

RAY_NAMES = {
    "a10": "A10",
    "a100": "A100",
    "a10g": "A10G",
    "b200": "B200",
    "b300": "B300",
    "gb10": "GB10",
    "gb200": "GB200",
    "gb300": "GB300",
    "h100": "H100",
    "h200": "H200",
    "l4": "L4",
    "l40s": "L40S",
    "mi300x": "AMD-Instinct-MI300X-OAM",
    "mi325x": "AMD-Instinct-MI325X-OAM",
    "mi350x": "AMD-Instinct-MI350X-OAM",
    "mi355x": "AMD-Instinct-MI355X-OAM",
    "rtx-3090": "GeForce-RTX-3090",
    "rtx-4090": "GeForce-RTX-4090",
    "rtx-5090": "GeForce-RTX-5090",
    "rtx-pro-6000": "RTX-PRO-6000",
}
"""Ray's names of GPUs, by how the names of ours begin: constants of `ray.util.accelerators` 2.60 where it has one, else what
Ray makes of the driver's name. Versions before 2.60 may tell consumer cards apart less well."""


def accelerator_of(gpu: str) -> str:
    """Return what Ray calls a GPU: ``h100-sxm-80gb`` is ``H100``; one of the user's own is its first word in capitals."""
    named = (name for start, name in RAY_NAMES.items() if f"{gpu}-".startswith(f"{start}-"))
    return next(named, gpu.partition("-")[0].upper())


def wanted(deployment: ServedDeployment, nodes: Nodes) -> dict[str, float]:
    """Return the resources that a deployment asks of a node, by Ray's names; a simulated server needs one CPU."""
    if deployment.server is not ServerKind.VLLM:
        return {"CPU": 1.0}
    if deployment.accelerator_type == NO_GPU:
        return {"CPU": max((resources_of(node).get("CPU", 0.0) for node in nodes), default=0.0) or 1.0}
    return {"CPU": 1.0, "GPU": float(deployment.tensor_parallel), _kind(deployment, nodes): TOUCH}


def _kind(deployment: ServedDeployment, nodes: Nodes) -> str:
    """Return the resource that nodes with the right GPU have, and no others."""
    given, exact = deployment.accelerator_type, f"{EXACT}{deployment.gpu}"
    if given:
        return given if given.startswith(EXACT) else f"{BY_TYPE}{given}"
    told_apart = any(exact in resources_of(node) for node in nodes)
    return exact if told_apart else f"{BY_TYPE}{accelerator_of(deployment.gpu)}"


def resources_of(node: Mapping[str, Any]) -> Mapping[str, float]:
    """Return the resources of a node that is alive; none of another."""
    return node["Resources"] if node["Alive"] else {}


def fits(asked: Mapping[str, float], nodes: Nodes) -> bool:
    """Say whether any node is made for what is asked, busy or not."""
    return any(all(resources_of(node).get(name, 0.0) >= amount for name, amount in asked.items()) for node in nodes)


def missing(asked: Mapping[str, float], nodes: Nodes) -> str:
    """Return in words what is asked, and what GPUs there are instead."""
    there = ", ".join(sorted(_offers(nodes))) or "no GPU"
    return f"no node has {_in_words(asked, 'as many CPUs')}; the cluster has {there}"


def without_gpu(nodes: Nodes) -> bool:
    """Say whether no node that is alive has any GPU."""
    return not _offers(nodes)


def busy(asked: Mapping[str, float]) -> str:
    """Return in words that what is asked is there, and in use."""
    return f"waits for {_in_words(asked, 'enough CPUs')}: every node that has that is busy"


def _in_words(asked: Mapping[str, float], cpus: str) -> str:
    kinds = [_short(name) for name in asked if name.startswith((BY_TYPE, EXACT))]
    return f"{asked['GPU']:g} x {kinds[0]}" if kinds else f"{cpus} ({asked['CPU']:g})"


def _offers(nodes: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the GPUs of each kind of node, such as ``8 x H100``; those that are told apart by their own names."""
    found = set()
    for node in nodes:
        resources = resources_of(node)
        kinds = [_short(name) for start in (EXACT, BY_TYPE) for name in resources if name.startswith(start)]
        if resources.get("GPU"):
            found.add(f"{resources['GPU']:g} x {kinds[0] if kinds else 'GPU of unknown type'}")
    return found


def _short(name: str) -> str:
    return name.removeprefix(BY_TYPE).removeprefix(EXACT)
