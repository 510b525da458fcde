"""What a campaign must not ask of a server: found before a GPU is rented, not on it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from advisor.domain.campaign import ServerKind
from advisor.errors import InputError
from advisor.profiling.servers.command import OURS
from advisor.profiling.servers.logs import SECRET_NAME, SECRET_SHAPE

if TYPE_CHECKING:
    from advisor.domain.campaign import Campaign, CampaignDeployment

FIELD_OF_FLAG = {
    "max-num-seqs": "max_num_seqs",
    "max-num-batched-tokens": "max_num_batched_tokens",
    "tensor-parallel-size": "tensor_parallel",
}
"""Flags that have a field of their own, which decides more than the flag: the plan, the clamp, the evidence."""


def check_deployment(campaign: Campaign, deployment: CampaignDeployment) -> None:
    """Refuse what cannot be served as written.

    Raises
    ------
    InputError
        If a secret is written out, the server is one that already runs, a flag is ours or has a field of its own, the
        command cannot be read, or a load comes twice.
    """
    where = f"campaign {campaign.name}, {deployment.label}"
    if deployment.server is ServerKind.ENDPOINT:
        raise InputError(
            f"{where}: a server that already runs is not part of a campaign", hint="use advisor profile run --endpoint"
        )
    _refuse_secrets(where, deployment)
    for flag in deployment.flags:
        _refuse_taken(where, flag.removeprefix("--").replace("_", "-"))
    try:
        shlex.split(deployment.executable)
    except ValueError as problem:
        raise InputError(f"{where}: executable cannot be read: {problem}", hint="close its quotes") from None
    loads = [load.model_dump_json() for load in deployment.loads or campaign.loads]
    if len(set(loads)) < len(loads):
        raise InputError(f"{where}: a load comes twice", hint="`rules: repeats` measures every load again")


def _refuse_secrets(where: str, deployment: CampaignDeployment) -> None:
    """Refuse keys and tokens: a campaign is stored word for word, exported, and often committed."""
    named = {**deployment.env, **deployment.flags, "executable": deployment.executable}
    for name, value in named.items():
        if value and (SECRET_NAME.search(name) or SECRET_SHAPE.search(str(value))):
            raise InputError(
                f"{where}: {name} looks like a secret, and a campaign is stored and exported",
                hint="set it in the environment of the workers, which servers inherit",
            )


def _refuse_taken(where: str, flag: str) -> None:
    if flag in FIELD_OF_FLAG:
        raise InputError(f"{where}: flag {flag} has a field of its own", hint=f"write `{FIELD_OF_FLAG[flag]}:` instead")
    if flag in OURS:
        raise InputError(f"{where}: flag {flag} is set by the profiler", hint="leave it out")
