"""Which resources a deployment asks of a node, and what is said when no node has them."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.domain.campaign import ServedDeployment
from advisor.profiling.cluster.placing import RAY_NAMES, accelerator_of, fits, missing, wanted
from tests.house.source import ROOT


def node(
    *, alive: bool = True, cpus: float = 8.0, gpus: float = 0.0, kind: str = "", exact: str = ""
) -> dict[str, Any]:
    resources = {"CPU": cpus, "node:10.0.0.1": 1.0}
    resources |= {"GPU": gpus} if gpus else {}
    resources |= {f"accelerator_type:{kind}": 1.0} if kind else {}
    resources |= {f"gpu:{exact}": 1.0} if exact else {}
    return {"Alive": alive, "Resources": resources if alive else {}}


def served(gpu: str = "h100-sxm-80gb", **fields: Any) -> ServedDeployment:
    return ServedDeployment(model="gemma-4-26b-a4b", gpu=gpu, **fields)


HEAD = node()
H100 = node(gpus=8.0, kind="H100")
A100 = node(gpus=4.0, kind="A100")
A100_40 = node(gpus=4.0, kind="A100", exact="a100-sxm-40gb")
A100_80 = node(gpus=8.0, kind="A100", exact="a100-sxm-80gb")


@pytest.mark.parametrize(
    ("gpu", "name"),
    [
        ("h100-sxm-80gb", "H100"),
        ("a10-24gb", "A10"),
        ("a10g-24gb", "A10G"),
        ("a100-pcie-80gb", "A100"),
        ("l40s-48gb", "L40S"),
        ("gb300-nvl72-288gb", "GB300"),
        ("rtx-4090-24gb", "GeForce-RTX-4090"),
        ("rtx-pro-6000-96gb", "RTX-PRO-6000"),
        ("mi355x-288gb", "AMD-Instinct-MI355X-OAM"),
        ("h20-96gb", "H20"),  # of no profile of ours
    ],
)
def test_a_gpu_has_rays_name(gpu: str, name: str) -> None:
    assert accelerator_of(gpu) == name


def test_every_gpu_of_the_profiles_has_a_name_in_the_table_and_each_name_is_used() -> None:
    gpus = [path.stem for path in (ROOT / "profiles" / "gpus").glob("*.yaml")]
    assert len(gpus) > 20
    assert {accelerator_of(gpu) for gpu in gpus} == set(RAY_NAMES.values())


def test_the_names_are_rays_own_where_ray_has_one() -> None:
    accelerators = pytest.importorskip("ray.util.accelerators.accelerators")
    told = {value for name, value in vars(accelerators).items() if name.isupper() or name.startswith("AMD_")}
    # Ray has no constant for these: it makes the names of what the driver says
    assert set(RAY_NAMES.values()) - told == {
        "A10",
        "GB10",
        *(f"GeForce-RTX-{number}" for number in (3090, 4090, 5090)),
    }


def test_a_server_asks_for_its_gpus_and_their_type() -> None:
    asked = wanted(served(tensor_parallel=2), [HEAD, H100])
    assert asked == {"CPU": 1.0, "GPU": 2.0, "accelerator_type:H100": 0.001}
    assert fits(asked, [HEAD, H100])
    assert not fits(asked, [HEAD, A100])
    assert not fits(asked, [node(alive=False), node(gpus=1.0, kind="H100")])


def test_a_simulated_server_asks_for_a_cpu_alone() -> None:
    assert wanted(served(server="demo", tensor_parallel=8), [H100]) == {"CPU": 1.0}


def test_an_engine_without_gpu_gets_a_machine_for_itself() -> None:
    asked = wanted(served(accelerator_type="cpu"), [node(cpus=4.0), node(cpus=16.0), node(alive=False)])
    assert asked == {"CPU": 16.0}
    assert wanted(served(accelerator_type="cpu"), []) == {"CPU": 1.0}


def test_nodes_that_are_told_apart_count_alone() -> None:
    asked = wanted(served("a100-sxm-80gb"), [A100_40, A100_80])
    assert "gpu:a100-sxm-80gb" in asked
    assert fits(asked, [A100_80])
    assert not fits(asked, [A100_40])
    assert "accelerator_type:A100" in wanted(served("a100-pcie-80gb"), [A100_40, A100_80])


def test_a_type_that_is_named_is_taken_at_its_word() -> None:
    assert "accelerator_type:H100-mine" in wanted(served(accelerator_type="H100-mine"), [H100])
    exact = wanted(served("a100-sxm-80gb", accelerator_type="gpu:a100-sxm-80gb"), [])
    assert exact == {"CPU": 1.0, "GPU": 1.0, "gpu:a100-sxm-80gb": 0.001}


def test_what_is_missing_is_said_beside_what_there_is() -> None:
    nodes = [HEAD, A100, A100_80, node(gpus=1.0), node(alive=False)]
    said = missing(wanted(served(tensor_parallel=4), nodes), nodes)
    assert said == "no node has 4 x H100; the cluster has 1 x GPU of unknown type, 4 x A100, 8 x a100-sxm-80gb"
    assert missing({"CPU": 1.0}, [node(cpus=0.0)]) == "no node has as many CPUs (1); the cluster has no GPU"
