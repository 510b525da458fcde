from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.load import ClosedLoad, TraceLoad
from advisor.domain.model import Content, Decode
from advisor.domain.workload import LengthLaw, Workload
from advisor.loadgen import Asks, Target, TokenRate, prompts_of
from advisor.loadgen.asks import request_body
from advisor.loadgen.lengths import draw_lengths, replay_lengths
from advisor.loadgen.prompts import word_count
from advisor.loadgen.target import Dialect

PROMPTS = prompts_of(["Some words that make up a passage of text to be cut."])


def workload(*, cv: float = 0.7, most: int | None = None, **fields: object) -> Workload:
    laws = {
        "input": LengthLaw(mean_tokens=400.0, cv=0.5),
        "output": LengthLaw(mean_tokens=200.0, cv=cv, max_tokens=most),
    }
    return Workload.model_validate({"name": "w", "content": Content.CHAT, **laws, **fields})


TRACE = workload(input=None, output=None, pairs=((10, 1), (20, 2), (30, 3)), arrival_s=(0.0, 1.0, 2.0))


@given(st.integers(min_value=0, max_value=50))
def test_the_same_seed_gives_the_same_lengths_in_any_order(seed: int) -> None:
    forward, backward = draw_lengths(workload(), seed=seed), draw_lengths(workload(), seed=seed)
    assert [forward(place) for place in range(300)] == [backward(place) for place in reversed(range(300))][::-1]


def test_lengths_have_the_mean_and_spread_of_their_law() -> None:
    draw = draw_lengths(workload(), seed=1)
    output = np.array([draw(place)[1] for place in range(6400)])
    assert output.mean() == pytest.approx(200.0, rel=0.01)
    assert output.std() / output.mean() == pytest.approx(0.7, rel=0.05)


def test_even_a_short_run_has_nearly_the_mean_of_its_law() -> None:
    means = [np.mean([draw_lengths(workload(), seed=seed)(place)[1] for place in range(64)]) for seed in range(20)]
    assert np.std(means) < 200.0 * 0.7 / 8.0 / 3.0


def test_prompt_and_reply_are_drawn_apart() -> None:
    draw = draw_lengths(workload(), seed=3)
    pairs = np.array([draw(place) for place in range(2000)])
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.08


def test_lengths_are_cut_at_the_longest_and_fixed_ones_are_all_the_same() -> None:
    cut, fixed = draw_lengths(workload(most=250), seed=1), draw_lengths(workload(cv=0.0), seed=1)
    assert max(cut(place)[1] for place in range(500)) == 250
    assert {fixed(place)[1] for place in range(500)} == {200}


def test_pairs_of_a_trace_are_drawn_evenly_or_replayed_in_order() -> None:
    drawn = [draw_lengths(TRACE, seed=2)(place) for place in range(192)]
    assert {pair: drawn.count(pair) for pair in TRACE.pairs} == {pair: pytest.approx(64, abs=3) for pair in TRACE.pairs}
    assert [replay_lengths(TRACE)(place) for place in range(3)] == list(TRACE.pairs)


def test_a_trace_is_asked_in_its_own_order_only_if_it_is_replayed() -> None:
    asks = Asks(TRACE, PROMPTS, seed=1)
    replayed, drawn = asks.of(TraceLoad()), asks.of(ClosedLoad(concurrency=1))
    assert [replayed(place).max_tokens for place in range(3)] == [1, 2, 3]
    assert [drawn(place).max_tokens for place in range(30)] != [1, 2, 3] * 10


def test_prompts_have_as_many_words_as_make_the_tokens() -> None:
    asks = Asks(TRACE, PROMPTS, tokens=TokenRate(per_word=2.0, overhead=4.0)).of(TraceLoad())
    assert [word_count(asks(place).prompt) for place in range(3)] == [3, 8, 13]


def test_a_kind_of_content_has_its_own_tokens_per_word() -> None:
    rate = TokenRate(2.0, 0.0, {Content.CODE: 4.0})
    lengths = [
        word_count(Asks(TRACE.model_copy(update={"content": content}), PROMPTS, tokens=rate).of(TraceLoad())(1).prompt)
        for content in (Content.CHAT, Content.CODE)
    ]
    assert lengths == [10, 5]


def test_a_cached_share_of_the_prompts_is_the_same_for_all() -> None:
    asks = Asks(workload(cached_prompt_share=0.5), PROMPTS, tokens=TokenRate(1.0, 0.0)).of(ClosedLoad(concurrency=1))
    first, second = (asks(place).prompt.split() for place in (0, 1))
    same = next(at for at, (one, other) in enumerate(zip(first, second, strict=False)) if one != other)
    assert same == pytest.approx(min(len(first), len(second)) / 2, abs=1)


def body(**fields: object) -> str:
    ask = Asks(workload(), PROMPTS).of(ClosedLoad(concurrency=1))(0)
    target = Target("http://h", "m", **fields)  # type: ignore[arg-type]
    return request_body(target, ask, running_counts=target.running_counts).decode()


@pytest.mark.parametrize("decode", list(Decode))
def test_nothing_is_sent_that_block_diffusion_refuses(decode: Decode) -> None:
    sent = body(decode=decode)
    refused = (
        "temperature",
        "seed",
        "min_tokens",
        "min_p",
        "logit_bias",
        "bad_words",
        "allowed_token_ids",
        "response_format",
    )
    assert [name for name in refused if f'"{name}"' in sent] == []
    assert '"ignore_eos": true' in sent


def test_running_counts_are_asked_for_where_events_are_few() -> None:
    dialect = Dialect(continuous_usage=True)
    assert "continuous_usage_stats" in body(dialect=dialect, decode=Decode.BLOCK_DIFFUSION)
    assert "continuous_usage_stats" not in body(dialect=dialect)


def test_what_a_server_does_not_understand_is_left_out() -> None:
    sent = body(dialect=Dialect(stream_usage=False, ignore_eos=False), chat=False, extra_body={"top_k": 5})
    assert "stream_options" not in sent
    assert "ignore_eos" not in sent
    assert '"prompt": ' in sent
    assert '"top_k": 5' in sent
