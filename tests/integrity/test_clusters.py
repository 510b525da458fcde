"""The cluster files are what Ray and KubeRay understand, offer the GPUs of the catalog, and name machines of the price book."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import typer
import yaml

from advisor import catalog
from advisor.cli.app import app
from advisor.profiling.cluster.placing import accelerator_of
from tests.house.source import ROOT

CLUSTERS = ROOT / "profiles" / "clusters"
CLOUDS = {"aws": ("AWS", "InstanceType"), "gcp": ("GCP", "machineType")}
GPUS = catalog.read_gpus(ROOT / "profiles")
SOLD = {
    (offer.provider, offer.instance_type, offer.gpu, offer.gpu_count)
    for offer in catalog.read_offers(ROOT / "profiles")
}


def autoscaler(cloud: str) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((CLUSTERS / f"ray-autoscaler-{cloud}.yaml").read_text(encoding="utf-8"))
    return told


def kuberay() -> dict[str, dict[str, Any]]:
    """Return the documents of the manifest by their kind."""
    documents = yaml.safe_load_all((CLUSTERS / "kuberay.yaml").read_text(encoding="utf-8"))
    return {document["kind"]: document for document in documents}


def node_types_on_kubernetes() -> dict[str, dict[str, Any]]:
    """Return the groups as Ray's autoscaler reads them."""
    reading = pytest.importorskip("ray.autoscaler._private.kuberay.autoscaling_config")
    cluster = copy.deepcopy(kuberay()["RayCluster"])
    cluster["metadata"]["namespace"] = "default"
    types: dict[str, dict[str, Any]] = reading._derive_autoscaling_config_from_ray_cr(cluster)["available_node_types"]
    return types


def pools(cluster: str) -> dict[str, dict[str, Any]]:
    """Return the node types with GPUs; their names are those of the GPUs."""
    types = node_types_on_kubernetes() if cluster == "kuberay" else autoscaler(cluster)["available_node_types"]
    return {name: told for name, told in types.items() if name not in {"head", "headgroup"}}


@pytest.mark.parametrize("cluster", [*CLOUDS, "kuberay"])
def test_each_pool_starts_from_zero_and_tells_its_gpu_before_a_node_is_up(cluster: str) -> None:
    found = pools(cluster)
    assert len(found) >= 3
    for gpu, told in found.items():
        assert gpu in GPUS
        assert told["min_workers"] == 0
        assert told["max_workers"] >= 1
        resources = told["resources"]
        assert 1 <= resources["GPU"] <= GPUS[gpu].max_per_host
        assert resources[f"accelerator_type:{accelerator_of(gpu)}"] == 1
        assert resources[f"gpu:{gpu}"] == 1


@pytest.mark.parametrize("cloud", CLOUDS)
def test_rays_own_validation_takes_the_file(cloud: str) -> None:
    reading = pytest.importorskip("ray.autoscaler._private.util")
    told = autoscaler(cloud)
    reading.validate_config(reading.prepare_config(copy.deepcopy(told)))
    assert told["head_node_type"] in told["available_node_types"]
    assert told["available_node_types"][told["head_node_type"]]["resources"] == {"CPU": 0}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_machines_hold_the_gpus_that_their_pools_tell_by_the_price_book(cloud: str) -> None:
    provider, field = CLOUDS[cloud]
    asked = {(provider, p["node_config"][field], gpu, p["resources"]["GPU"]) for gpu, p in pools(cloud).items()}
    assert asked - SOLD == set()


def test_the_groups_on_kubernetes_ask_for_the_gpus_that_they_tell() -> None:
    cluster = kuberay()["RayCluster"]["spec"]
    assert cluster["enableInTreeAutoscaling"]
    for group in cluster["workerGroupSpecs"]:
        assert group["replicas"] == group["minReplicas"] == 0
        (container,) = group["template"]["spec"]["containers"]
        assert container["resources"]["limits"] == container["resources"]["requests"]
        assert (
            container["resources"]["limits"]["nvidia.com/gpu"]
            == pools("kuberay")[group["groupName"]]["resources"]["GPU"]
        )
    assert node_types_on_kubernetes()["headgroup"]["resources"]["CPU"] == 0


def test_the_job_runs_a_campaign_that_is_there_with_options_that_exist() -> None:
    documents = kuberay()
    assert documents["RayJob"]["spec"]["clusterSelector"] == {
        "ray.io/cluster": documents["RayCluster"]["metadata"]["name"]
    }
    program, group, command, campaign, *words = documents["RayJob"]["spec"]["entrypoint"].split()
    assert (program, group, command) == ("advisor", "profile", "run")
    assert (ROOT / "profiles" / "campaigns" / campaign.rpartition("/")[2]).is_file()
    commands: Any = typer.main.get_command(app)
    known = {option for parameter in commands.commands[group].commands[command].params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    volumes = documents["RayCluster"]["spec"]["headGroupSpec"]["template"]["spec"]["volumes"]
    assert documents["PersistentVolumeClaim"]["metadata"]["name"] in {
        volume["persistentVolumeClaim"]["claimName"] for volume in volumes if "persistentVolumeClaim" in volume
    }


@pytest.mark.parametrize("cluster", [*CLOUDS, "kuberay"])
def test_every_cluster_has_the_gpus_of_the_shipped_campaign(cluster: str) -> None:
    campaign = yaml.safe_load((ROOT / "profiles" / "campaigns" / "h100-h200.yaml").read_text(encoding="utf-8"))
    assert {deployment["gpu"] for deployment in campaign["deployments"]} <= set(pools(cluster))


def test_one_image_serves_all_and_has_the_ray_that_the_manifest_names_and_the_tests_use() -> None:
    dockerfile = (CLUSTERS / "Dockerfile").read_text(encoding="utf-8")
    cluster = kuberay()["RayCluster"]["spec"]
    assert f"ARG RAY={cluster['rayVersion']}\n" in dockerfile
    assert f"ray=={cluster['rayVersion']}\n" in (ROOT / "constraints.txt").read_text(encoding="utf-8")
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    images = {group["template"]["spec"]["containers"][0]["image"] for group in groups}
    assert images | {autoscaler(cloud)["docker"]["image"] for cloud in CLOUDS} == {"REGISTRY/advisor:TAG"}
