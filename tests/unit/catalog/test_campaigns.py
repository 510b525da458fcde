"""A campaign file becomes a campaign, or one line that says what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.domain.campaign import Lengths, ServerKind
from advisor.domain.load import ClosedLoad, OpenLoad, TraceLoad
from advisor.errors import AdvisorError, DataError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.campaign import Campaign

ROOT = catalog.profiles_root()
HEAD = """\
name: mine
deployments:
  - {model: gemma-4-26b-a4b, gpu: h100}
  - {model: diffusiongemma, gpu: h100, server: demo, loads: [{kind: open, rate_rps: 2, burstiness: 4}]}
loads: [{kind: closed, concurrency: 8}]
rules: {repeats: 2, lengths: natural}
limits: {gpu_hours: 2.5, usd: "12.50"}
"""


def read(folder: Path, text: str) -> Campaign:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return catalog.read_campaign(path, root=ROOT)


def test_a_file_says_what_is_measured_and_how(tmp_path: Path) -> None:
    campaign = read(tmp_path, HEAD + "workloads: [chat]\n")
    assert campaign.loads == (ClosedLoad(concurrency=8),)
    assert campaign.deployments[1].loads == (OpenLoad(rate_rps=2, burstiness=4),)
    assert campaign.deployments[1].server is ServerKind.DEMO
    assert campaign.workloads == (catalog.read_workload(ROOT, "chat"),)
    assert (campaign.rules.repeats, campaign.rules.lengths) == (2, Lengths.NATURAL)
    assert str(campaign.limits.usd) == "12.50"


def test_a_workload_may_be_written_out_or_be_a_file_beside_the_campaign(tmp_path: Path) -> None:
    own = "{name: own, content: code, input: {mean_tokens: 9}, output: {mean_tokens: 9}}"
    (tmp_path / "w.yaml").write_text(own.replace("own", "filed"), encoding="utf-8")
    (tmp_path / "t.csv").write_text("t_s,input_tokens,output_tokens\n0,10,5\n2,20,5\n", encoding="utf-8")
    campaign = read(tmp_path, HEAD + f"workloads: [{own}, w.yaml, t.csv]\n")
    assert [workload.name for workload in campaign.workloads] == ["own", "filed", "t"]


def test_a_trace_is_replayed_where_the_workload_has_one(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("t_s,input_tokens,output_tokens\n0,10,5\n2,20,5\n", encoding="utf-8")
    text = HEAD.replace("{kind: closed, concurrency: 8}", "{kind: trace, rate_rps: 3}")
    assert read(tmp_path, text + "workloads: [t.csv]\n").loads == (TraceLoad(rate_rps=3),)
    with pytest.raises(DataError, match="replays the arrivals of chat, which has none"):
        read(tmp_path, text + "workloads: [chat]\n")


def test_prompts_lie_beside_the_campaign_and_identify_it_by_what_they_say(tmp_path: Path) -> None:
    text, prompts = HEAD + "workloads: [chat]\nprompts: p.jsonl\n", tmp_path / "p.jsonl"
    with pytest.raises(DataError, match=r"p\.jsonl"):
        read(tmp_path, text)
    prompts.write_text('{"prompt": "one"}\n', encoding="utf-8")
    first = read(tmp_path, text)
    assert first.prompts == str(prompts)
    (elsewhere := tmp_path / "elsewhere").mkdir()
    (elsewhere / "p.jsonl").write_text('{"prompt": "one"}\n', encoding="utf-8")
    assert read(elsewhere, text).id == first.id
    prompts.write_text('{"prompt": "two"}\n', encoding="utf-8")
    assert read(tmp_path, text).id != first.id


def test_a_trace_identifies_its_campaign_by_its_arrivals(tmp_path: Path) -> None:
    text = HEAD.replace("{kind: closed, concurrency: 8}", "{kind: trace, rate_rps: 3}") + "workloads: [t.csv]\n"
    ids = set()
    for gap_s in (2, 3):
        rows = f"t_s,input_tokens,output_tokens\n0,10,5\n{gap_s},20,5\n"
        (tmp_path / "t.csv").write_text(rows, encoding="utf-8")
        ids.add(read(tmp_path, text).id)
    assert len(ids) == 2


def test_the_same_file_is_the_same_campaign_and_limits_do_not_matter(tmp_path: Path) -> None:
    text = HEAD + "workloads: [chat]\n"
    first = read(tmp_path, text)
    assert read(tmp_path, text).id == first.id
    assert read(tmp_path, text.replace("2.5", "9")).id == first.id
    assert read(tmp_path, text.replace("repeats: 2", "repeats: 3")).id != first.id


@pytest.mark.parametrize(
    ("broken", "kind", "said"),
    [
        ("workloads: [chatt]\n", UnknownNameError, "unknown workload 'chatt'"),
        ("workloads: [chat]\nrulez: {}\n", DataError, "rulez"),
        ("workloads: 3\n", DataError, "workloads"),
        ("workloads: [chat]\nname: Mine!\n", DataError, "stands twice"),
        ("", DataError, "workloads"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, broken: str, kind: type[AdvisorError], said: str) -> None:
    with pytest.raises(kind) as caught:
        read(tmp_path, HEAD + broken)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ("{concurrency: 8}", "mine.yaml:5: field loads.0: lacks kind, which says what it is"),
        ("{kind: shut, concurrency: 8}", "kind is 'shut', not one of closed, open, trace, ramp"),
        ("{kind: closed, concurrency: 0}", "loads.0"),
        ("{kind: open, rate: 2}", "rate_rps"),
    ],
)
def test_a_bad_load_is_told_with_its_line(tmp_path: Path, load: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, HEAD.replace("{kind: closed, concurrency: 8}", load) + "workloads: [chat]\n")
    assert said in str(caught.value)


def test_a_deployment_without_a_load_is_refused(tmp_path: Path) -> None:
    text = HEAD.replace("loads: [{kind: closed, concurrency: 8}]\n", "")
    with pytest.raises(DataError, match="has no loads"):
        read(tmp_path, text + "workloads: [chat]\n")
