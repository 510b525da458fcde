"""The base of all values that are read from or written to the outside."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Value(BaseModel):
    """Frozen, closed, free of NaN and infinity: valid by construction, so nobody checks again.

    Schemas are built at first use (`defer_build`), which keeps the command's start short.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True, protected_namespaces=(), strict=False
    )


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class Source(Value):
    """Where a figure comes from, and when it was read or published there."""

    url: Url
    date: date
    title: str = ""
    note: str = ""


Fraction = Annotated[float, Field(gt=0.0, le=1.0)]
