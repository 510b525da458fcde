"""The shipped profiles, read once, and plain questions about them. No test here sees the user's own database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from advisor import catalog
from advisor.domain.model import Content, Precision
from advisor.domain.question import EstimateQuestion, Question
from advisor.domain.slo import parse_slo
from advisor.domain.workload import LengthLaw, Workload
from advisor.usecases.deployments import deploy
from advisor.usecases.estimate import estimate
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.recommend import recommend

if TYPE_CHECKING:
    from advisor.domain.answer import Estimate, Recommendation
    from advisor.domain.deployment import Deployment

NO_DATABASE = "sqlite://"  # in memory, hence empty
TODAY = date(2026, 11, 24)
ROOT = catalog.profiles_root()
SHIPPED = open_profiles(None, database=NO_DATABASE)

GEMMA = "gemma-4-26b-a4b"
MTP = "gemma-4-26b-a4b+mtp"
DIFFUSION = "diffusiongemma-26b-a4b"
DENSE = "gemma-4-31b"
H100 = "h100-sxm-80gb"


def deployment(
    model: str = GEMMA,
    *,
    gpu: str = H100,
    precision: Precision = Precision.FP8,
    tensor_parallel: int = 1,
    drafted: bool = False,
) -> Deployment:
    spec = SHIPPED.models[model]
    return deploy(
        spec,
        gpu=SHIPPED.gpus[gpu],
        precision=precision,
        tensor_parallel=tensor_parallel,
        drafter=spec.drafters[0] if drafted else None,
        engine=SHIPPED.engine,
    )


def workload(
    input_tokens: float = 800, output_tokens: float = 300, *, content: Content = Content.CHAT, cv: float = 0.0
) -> Workload:
    return Workload(
        name="own",
        content=content,
        input=LengthLaw(mean_tokens=input_tokens, cv=cv),
        output=LengthLaw(mean_tokens=output_tokens, cv=cv),
    )


def question(
    qps: float, slo: str, *, work: Workload | None = None, prices: dict[str, str] | None = None, **more: Any
) -> Question:
    own = {H100: "3.00"} if prices is None else prices
    fields: dict[str, Any] = {"gpus": tuple(own), "today": TODAY, "draws": 0, **more}
    return Question(
        qps=qps,
        workload=work or workload(),
        slo=parse_slo(slo),
        own_usd_per_gpu_hour={gpu: Decimal(price) for gpu, price in own.items()},
        **fields,
    )


def answer(asked: Question, *, database: str = NO_DATABASE, allow_simulated: bool = False) -> Recommendation:
    return recommend(asked, profiles=None, database=database, allow_simulated=allow_simulated)


def estimated(
    model: str = GEMMA, gpu: str = H100, *, database: str = NO_DATABASE, allow_simulated: bool = False, **more: Any
) -> Estimate:
    fields: dict[str, Any] = {"workload": workload(), "precision": Precision.FP8, **more}
    asked = EstimateQuestion(model=model, gpu=gpu, **fields)
    return estimate(asked, profiles=None, database=database, allow_simulated=allow_simulated)
