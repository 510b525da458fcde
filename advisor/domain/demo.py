"""What the user asks of the demo engine: a deployment to simulate, and where to serve it."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from advisor.domain.question import EstimateQuestion
from advisor.domain.value import Value

FASTEST = 1000.0


class DemoQuestion(Value):
    """What is simulated, and how it is served.

    Empty `served_name` stands for the name of the model. `speed` is how much faster than real time, `port` 0 a free one.
    """

    replica: EstimateQuestion
    max_num_batched_tokens: PositiveInt | None = None
    served_name: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    speed: Annotated[float, Field(gt=0.0, le=FASTEST)] = 1.0
    seed: NonNegativeInt = 0
