"""The option groups of `advisor profile`."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from advisor.cli.commanding import Options
from advisor.cli.options import DataOptions, Names


class CampaignOptions(Options):
    """Which campaign."""

    title = "Campaign"
    campaign: Annotated[Path, Argument(metavar="CAMPAIGN.yaml", exists=True, dir_okay=False, help="What to measure.")]


class MaybeCampaignOptions(Options):
    """Which campaign, unless a running server is measured."""

    title = "Campaign"
    campaign: Annotated[
        Path | None,
        Argument(
            metavar="[CAMPAIGN.yaml]", exists=True, dir_okay=False, help="What to measure. Left out with --endpoint."
        ),
    ] = None


class StartedOptions(Options):
    """Which campaign, of those that were started."""

    title = "Campaign"
    campaign: Annotated[
        str,
        Argument(metavar="CAMPAIGN", help="Its file, or the name or identifier that it was started under."),
    ]


class LimitOptions(Options):
    """What a campaign may use up."""

    title = "Limits (those of the campaign file hold where none is given)"
    max_gpu_hours: Annotated[
        float | None, Option("--max-gpu-hours", metavar="HOURS", help="Stop when so many GPU-hours are used up.")
    ] = None
    max_usd: Annotated[
        str | None,
        Option("--max-usd", metavar="USD", help="Stop when this much is used up, at the cheapest accepted list price."),
    ] = None


class ClusterOptions(Options):
    """Where the servers run."""

    title = "Cluster"
    address: Annotated[
        str | None,
        Option(
            "--address",
            metavar="ADDRESS",
            help="A running Ray cluster, seen from one of its machines: auto or HOST:PORT. Default: Ray on this machine alone.",
        ),
    ] = None
    node_wait: Annotated[
        str | None,
        Option(
            "--node-wait",
            metavar="TIME",
            help="How long to wait for a node of a GPU type before its cells are reported and left open. Default: 30s; "
            "say 15min where the cluster adds nodes.",
        ),
    ] = None


class RetryOptions(Options):
    """What is taken up again."""

    title = "Resume"
    retry_failed: Annotated[
        bool, Option("--retry-failed", help="Also try again what had failed as often as the rules allow.")
    ] = False


class ProgressOptions(Options):
    """How progress is shown, always on standard error."""

    title = "Progress"
    progress: Annotated[
        str,
        Option(
            "--progress",
            metavar="HOW",
            help="auto (live on a terminal, else a line per cell), live, plain, json (one object per line), none.",
        ),
    ] = "auto"


class EndpointOptions(Options):
    """A server that already runs: any OpenAI-style one. Needs neither Ray nor vLLM on this machine."""

    title = "A server that already runs (instead of a campaign)"
    endpoint: Annotated[
        str | None, Option("--endpoint", metavar="URL", help="Its address, such as the one that ends in :8000 or /v1.")
    ] = None
    model: Annotated[
        str | None,
        Option(
            "--model",
            metavar="NAME",
            help="The model: as the server calls it, or as `advisor models` does. Only the latter serves as evidence.",
        ),
    ] = None
    served_name: Annotated[
        str | None,
        Option("--served-name", metavar="NAME", help="What the server calls the model, where --model says it our way."),
    ] = None
    gpu: Annotated[
        str | None,
        Option("--gpu", metavar="NAME", help="What it runs on; names of `advisor gpus` serve as evidence."),
    ] = None
    concurrency: Annotated[
        Names, Option("--concurrency", "-c", metavar="COUNTS", help="Closed loops: requests in flight, such as 1,8,64.")
    ] = None
    rate: Annotated[
        Names, Option("--rate", metavar="RATES", help="Open loops: requests per second, such as 2,5. Poisson arrivals.")
    ] = None
    burstiness: Annotated[
        str | None,
        Option("--burstiness", metavar="CV2", help="Squared variation of the gaps: 0 or constant, 1 or poisson, 4."),
    ] = None
    precision: Annotated[
        str | None, Option("--precision", metavar="NAME", help="bf16, fp8, nvfp4 or int4, where you know it.")
    ] = None
    tensor_parallel: Annotated[
        int, Option("--tensor-parallel", "--tp", metavar="COUNT", help="GPUs that the server spans.")
    ] = 1
    slots: Annotated[
        int | None, Option("--slots", "--max-num-seqs", metavar="COUNT", help="Requests that it serves at once.")
    ] = None
    speculative: Annotated[
        str | None, Option("--speculative", metavar="NAME", help="mtp if it drafts with the model's drafter.")
    ] = None
    api_key: Annotated[
        str | None,
        Option("--api-key", metavar="KEY", envvar="ADVISOR_API_KEY", help="Sent as a bearer token; never stored."),
    ] = None
    completions: Annotated[
        bool, Option("--completions", help="Ask /v1/completions with plain prompts instead of chat.")
    ] = False
    campaign_name: Annotated[
        str | None,
        Option("--name", metavar="NAME", help="Name of the campaign that the runs are stored under."),
    ] = None


class RuleOptions(Options):
    """How each run goes (with --endpoint; a campaign has its own rules)."""

    title = "Rules of a run (with --endpoint or --adaptive)"
    requests: Annotated[
        int | None,
        Option(
            "--requests",
            "-n",
            metavar="COUNT",
            help="Measure exactly so many requests per run. Default: until precise.",
        ),
    ] = None
    repeats: Annotated[
        int | None,
        Option("--repeats", metavar="COUNT", help="Runs of each level; their spread is the error. Default: 3."),
    ] = None
    max_time: Annotated[
        str | None, Option("--max-time", metavar="TIME", help="Longest measuring of one run. Default: 4min.")
    ] = None
    warmup: Annotated[
        str | None,
        Option(
            "--warmup",
            metavar="TIME",
            help="Shortest time before measuring, beside one request per stream; at a --rate three end-to-end times "
            "too, unless it is 0. Default: 5s.",
        ),
    ] = None
    stall: Annotated[
        str | None,
        Option("--stall", metavar="TIME", help="A request that stays silent for so long has stalled. Default: 60s."),
    ] = None
    lengths: Annotated[
        str | None,
        Option("--lengths", metavar="HOW", help="forced (ignore_eos, the default) or natural: where the model stops."),
    ] = None
    prompts: Annotated[
        Path | None,
        Option(
            "--prompts",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Your own prompts: JSON Lines or ShareGPT. Default: shipped natural text of the workload's content.",
        ),
    ] = None


class ProfileDataOptions(DataOptions):
    """Which profiles are read, and where runs are stored."""

    title = "Data"
