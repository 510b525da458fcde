"""Offers that tests of prices are about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from advisor.domain.offer import Confidence, Offer, PriceBasis, Seller

NOVEMBER = date(2026, 11, 20)


def offer(price: str = "24.00", *, gpus: int = 8, gpu: str = "h100", **more: Any) -> Offer:
    fields: dict[str, Any] = {
        "provider": "acme",
        "region": "global",
        "instance_type": f"{gpus}x",
        "price_basis": PriceBasis.ON_DEMAND,
        "as_of": NOVEMBER,
        "source_url": "https://example.org/prices",
        "seller": Seller.SPECIALIST,
        "confidence": Confidence.LIST,
        **more,
    }
    return Offer(gpu=gpu, gpu_count=gpus, price_usd_per_hour=Decimal(price), **fields)
