"""A review as cost records with the columns of FOCUS, the FinOps Open Cost and Usage Specification (1.2, CC-BY 4.0).

One record per plan and month of 730 hours. It is aligned with FOCUS and not of it: an estimate has no invoice, so that
BilledCost and the charge period are empty. Columns that begin with `x_` are our own: validity, source, confidence, evidence.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from advisor.domain.offer import PriceBasis
from advisor.domain.review import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from advisor.domain.answer import Candidate
    from advisor.domain.review import CostLine, PriceLine, Review

PRICING_CATEGORY: Mapping[PriceBasis, str] = {
    PriceBasis.ON_DEMAND: "Standard",
    PriceBasis.SPOT: "Dynamic",
    PriceBasis.RESERVED_1Y: "Committed",
    PriceBasis.RESERVED_3Y: "Committed",
    PriceBasis.OWNED: "Other",
}


def records(review: Review) -> Iterator[dict[str, object]]:
    """Yield one flat record per plan: columns of FOCUS, then our own."""
    for line in review.costs:
        yield {**_focus(line, review), **_prices(line.price, review), **_plan(line, review)}


def _focus(line: CostLine, review: Review) -> dict[str, object]:
    price = line.price
    committed = price.term_months > 0
    return {
        "BilledCost": None,
        "BillingCurrency": review.currency,
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{line.plan.contender} on {line.plan.gpu}: {line.plan.offer.shapes} x {price.instance_type}",
        "ChargeFrequency": "Recurring" if committed else "Usage-Based",
        "ChargePeriodStart": None,
        "ChargePeriodEnd": None,
        "CommitmentDiscountCategory": "Usage" if committed else None,
        "CommitmentDiscountType": str(price.price_basis) if committed else None,
        "ContractedCost": _text(line.contracted_usd),
        "ContractedUnitPrice": _text(price.contracted_usd_per_hour),
        "EffectiveCost": _text(line.effective_usd),
        "ListCost": _text(line.list_usd),
        "ListUnitPrice": _text(price.list_usd_per_hour),
        "PricingCategory": PRICING_CATEGORY[price.price_basis],
        "PricingQuantity": line.shape_hours,
        "PricingUnit": "Hours",
        "RegionId": price.region,
        "ResourceType": price.instance_type,
        "ServiceCategory": "Compute",
        "ServiceProviderName": price.provider,
        "SkuMeter": f"{price.gpu_count} x {price.gpu}",
        "SkuPriceDetails": json.dumps({"gpu": price.gpu, "gpu_count": price.gpu_count}),
    }


def _prices(price: PriceLine, review: Review) -> dict[str, object]:
    return {
        "x_committed_unit_price": _text(price.committed_usd_per_hour),
        "x_term_months": price.term_months,
        "x_price_basis": str(price.price_basis),
        "x_price_as_of": price.as_of.isoformat(),
        "x_price_age_days": price.age_days,
        "x_price_fresh_until": price.fresh_until.isoformat(),
        "x_price_usable_until": price.usable_until.isoformat(),
        "x_price_confidence": str(price.confidence),
        "x_price_standing": str(price.standing),
        "x_price_source_url": price.source_url,
        "x_grade": str(review.grade),
    }


def _plan(line: CostLine, review: Review) -> dict[str, object]:
    plan: Candidate = line.plan
    return {
        "x_role": str(line.role),
        "x_chosen": line.role is Role.CHOSEN,
        "x_model": plan.model,
        "x_contender": plan.contender,
        "x_precision": str(plan.precision),
        "x_gpu": plan.gpu,
        "x_replicas": plan.replicas,
        "x_gpus_used": plan.gpus,
        "x_gpus_paid": plan.gpus_paid,
        "x_usd_per_1k_requests": str(plan.usd_per_1k_requests),
        "x_usd_per_million_output_tokens": str(plan.usd_per_million_output_tokens),
        "x_utilization_share": plan.utilization,
        "x_e2e_p95_ms": plan.latency.e2e_p95_ms,
        "x_speed_basis": str(plan.basis),
        "x_load_qps": review.recommendation.question.qps,
        "x_advisor_version": review.advisor_version,
        "x_profiles_digest": review.repetition.profiles_digest,
    }


def _text(usd: object) -> str | None:
    return None if usd is None else str(usd)
