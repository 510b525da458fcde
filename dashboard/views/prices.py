"""What GPUs cost, how old and how sure each price is, and what a price does to the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.domain.review import PriceStanding
from advisor.report.figures import counted, money
from advisor.report.plans import layout
from dashboard import parts
from dashboard.answers import Failure, recommendation
from dashboard.charts import prices as charts
from dashboard.choices import choices
from dashboard.page_inputs import page_input
from dashboard.price_answers import at_price, book, effect, priced
from dashboard.tables import plot, table
from dashboard.wording import in_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.price_book import BookLine, PriceBookView, PriceEffect
    from dashboard.state import Asked

STANDING_WORDS = {
    PriceStanding.FRESH: "● fresh",
    PriceStanding.AGING: "▲ aging",
    PriceStanding.UNFIT: "✕ unfit",
}


def page(asked: Asked) -> None:
    """Show the prices of a question, and what they do."""
    st.markdown("### What the GPUs cost, and what a price does")
    _what_a_price_does(asked)
    _price_book(asked)


def _what_a_price_does(asked: Asked) -> None:
    answer = recommendation(asked)
    if isinstance(answer, Failure):
        parts.failed(answer)
        return
    gpus = choices()["gpus"]
    gpu = st.selectbox(
        "GPU whose price is varied",
        gpus,
        key=page_input("prices.gpu", answer.decision.candidate.gpu, gpus),
        help="That of the chosen plan, unless you choose another one.",
    )
    with st.spinner("Pricing every plan along the axis"):
        found = effect(asked, gpu)
    if isinstance(found, Failure):
        told = "; ".join(part for part in (found.message, found.hint) if part)
        st.info(f"{parts.escaped(told)}.", icon=":material/info:")
        return
    _told(found)
    at_usd = _slider(found, gpu)
    told = (
        f"Cheapest plan of each contender by formula, in USD per hour; basis of the speeds: {found.crossover.basis}. A price on "
        "this axis replaces all offers of the GPU, and GPUs are paid singly, as with --gpu-cost; all other GPUs keep their prices."
    )
    drawn, name = charts.chart(found, at_usd=at_usd), f"what-a-price-of-{gpu}-does"
    plot(drawn, charts.rows(found), name=name, caption=in_labels(told))
    _at(asked, gpu, at_usd)


def _told(found: PriceEffect) -> None:
    """Say at which price the decision flips, to another contender or to another GPU."""
    stay, axis = found.stay, found.crossover.axis
    span = f"between {charts.usd(axis.low)} and {charts.usd(axis.high)} per GPU-hour"
    st.markdown(f"**{parts.escaped(found.crossover.summary)}**")
    if stay.until_usd and stay.then:
        then = f"{counted(stay.then.replicas, 'replica')} of {stay.then.plan}, {money(stay.then.usd_per_hour)} per hour"
        told = f"The cheapest plan is on {stay.gpu} up to {charts.usd(stay.until_usd)} per GPU-hour; above that it is {then}."
    elif stay.at_low:
        told = f"The cheapest plan is on {stay.gpu} at every price {span}."
    else:
        told = f"The cheapest plan is on no {stay.gpu} at any price {span}."
    st.markdown(parts.escaped(told))


def _slider(found: PriceEffect, gpu: str) -> float:
    axis = found.crossover.axis
    low, high = round(axis.low, 2), round(axis.high, 2)
    today = min(max(round(axis.asked_value or axis.low, 2), low), high)
    chosen: float = st.slider(
        f"Price of a GPU-hour of {gpu} [USD]",
        min_value=low,
        max_value=high,
        step=0.01,
        format="$%.2f",
        key=page_input(f"prices.at-{gpu}", today, within=(low, high)),
        help="Starts at the lowest price of that GPU that this question may use.",
    )
    return chosen


def _at(asked: Asked, gpu: str, at_usd: float) -> None:
    """Show the answer at the price looked at: the same that the command line gives."""
    answer = at_price(asked, gpu, at_usd)
    if isinstance(answer, Failure):
        parts.failed(answer)
        return
    best = answer.decision.candidate
    st.markdown(f"**{parts.escaped(f'At {charts.usd(at_usd)} per GPU-hour of {gpu}: {best.contender}')}**")
    st.markdown(parts.escaped(answer.decision.reason))
    told = (
        ("GPUs", layout(best), f"{best.precision}, {best.max_num_seqs} slots each"),
        ("Cost per hour", money(best.usd_per_hour), f"{money(best.usd_per_month)} per month of 730 hours"),
        ("Paid", f"{best.offer.provider}", f"{best.offer.price_basis}, price of {best.offer.as_of}"),
    )
    with st.container(horizontal=True):
        for label, value, tip in told:
            st.metric(label, value, help=parts.escaped(tip), border=True)
    parts.basis_chip(best.basis)
    st.code(f"{priced(asked, gpu, at_usd).command} --draws 0", language="bash", wrap_lines=True)


def _price_book(asked: Asked) -> None:
    st.subheader("Price book")
    found = book(asked)
    if isinstance(found, Failure):
        parts.failed(found)
        return
    st.caption(_legend(found))
    lines = _filtered(found, asked)
    if not lines:
        st.info("No price passes these filters; clear one of them.", icon=":material/filter_alt_off:")
        return
    used = sum(not line.unused_because for line in lines)
    st.markdown(f"{counted(len(lines), 'price')}, {used:,} of them used by this question.")
    rows = [_row(line) for line in lines]
    table(rows, name="prices", columns=_COLUMNS, height_px=min(460, 60 + 36 * len(rows)))


def _legend(found: PriceBookView) -> str:
    ages = f"Ages are days before {found.today}. This question uses prices of at most {found.most_age_days} days"
    since = "" if found.priced_on == found.today else f", counted from {found.priced_on}, the newest price of the book"
    return (
        f"{ages}{since}. ● fresh: may be signed. ▲ aging: to be quoted again first. ✕ unfit: too old, second-hand, modeled, "
        "or a marketplace older than a week. Prices are snapshots, not quotes, and one for the whole shape."
    )


def _filtered(found: PriceBookView, asked: Asked) -> Sequence[BookLine]:
    """Return the prices that the visitor wants to see: at first those of the GPUs in the question."""
    offers = [line.offer for line in found.lines]
    kinds = (
        ("gpu", "GPU types", sorted({offer.gpu for offer in offers})),
        ("basis", "Price bases", sorted({str(offer.price_basis) for offer in offers})),
        ("provider", "Sellers", sorted({offer.provider for offer in offers})),
    )
    wanted: dict[str, list[str]] = {}
    for column, (name, label, names) in zip(st.columns(len(kinds)), kinds, strict=True):
        usual = [word for word in dict(asked.words).get("gpus", "").split(",") if name == "gpu" and word in names]
        key = page_input(f"prices.{name}-only", usual, names)
        wanted[name] = column.multiselect(label, names, key=key, placeholder="all")
    only_used = st.toggle("Only prices that this question uses", key=page_input("prices.used", default=False))
    return [
        line
        for line in found.lines
        if _passes(line.offer.gpu, wanted["gpu"])
        and _passes(str(line.offer.price_basis), wanted["basis"])
        and _passes(line.offer.provider, wanted["provider"])
        and not (only_used and line.unused_because)
    ]


def _passes(name: str, wanted: Sequence[str]) -> bool:
    return not wanted or name in wanted


_COLUMNS = {
    "usd_per_gpu_hour": st.column_config.NumberColumn("USD per GPU-hour", format="$%.3f"),
    "usd_per_hour": st.column_config.NumberColumn("USD per hour of the shape", format="$%.2f"),
    "gpu_count": st.column_config.NumberColumn("GPUs of the shape"),
    "price_basis": st.column_config.TextColumn("basis"),
    "as_of": st.column_config.TextColumn("dated"),
    "age_days": st.column_config.NumberColumn("age [days]"),
    "used": st.column_config.TextColumn("used", help="By this question; else why not."),
    "source_url": st.column_config.LinkColumn("source", display_text="open"),
}


def _row(line: BookLine) -> dict[str, object]:
    offer = line.offer
    return {
        "gpu": offer.gpu,
        "price_basis": str(offer.price_basis),
        "usd_per_gpu_hour": float(line.usd_per_gpu_hour),
        "provider": offer.provider,
        "standing": STANDING_WORDS[line.standing] + (f": {line.standing_reason}" if line.standing_reason else ""),
        "age_days": line.age_days,
        "as_of": offer.as_of.isoformat(),
        "used": in_labels(line.unused_because) or "used",
        "confidence": str(offer.confidence),
        "seller": str(offer.seller),
        "usd_per_hour": float(offer.price_usd_per_hour),
        "gpu_count": offer.gpu_count,
        "instance_type": offer.instance_type,
        "region": offer.region,
        "source_url": offer.source_url,
    }
