"""What a model is, as far as serving it is concerned: shapes, checkpoints, drafters, steps, scores."""

from enum import StrEnum

from pydantic import Field, PositiveFloat, PositiveInt

from advisor.domain.value import Name, Source, Value


class Decode(StrEnum):
    """How a model writes: one token after another, or a canvas of tokens refined in steps."""

    AUTOREGRESSIVE = "autoregressive"
    BLOCK_DIFFUSION = "block_diffusion"


class Precision(StrEnum):
    """Number format of the bulk of the weights. `int4` stands for AWQ and GPTQ alike."""

    BF16 = "bf16"
    FP8 = "fp8"
    NVFP4 = "nvfp4"
    INT4 = "int4"


class Content(StrEnum):
    """What the replies are made of. It decides denoising steps and drafter acceptance."""

    STRUCTURED = "structured"
    CODE = "code"
    CHAT = "chat"
    PROSE = "prose"


class AttentionLayers(Value):
    """A group of equal attention layers. `window_tokens` is None where attention is global."""

    count: PositiveInt
    kv_heads: PositiveInt
    head_dim: PositiveInt
    window_tokens: PositiveInt | None = None
    reuses_k_as_v: bool = False


class Experts(Value):
    """A mixture-of-experts block: `active` of `count` experts of inner width `width` per token."""

    count: PositiveInt
    active: PositiveInt
    width: PositiveInt


class Checkpoint(Value):
    """Published weights of a model in one precision.

    `dense_bytes_per_weight` covers attention and the dense MLP, `expert_bytes_per_weight` the experts (scales included),
    `head_bytes_per_weight` the embedding and LM head. For a model without experts the middle one is unused.
    """

    name: str
    precision: Precision
    weights_bytes: PositiveInt
    dense_bytes_per_weight: PositiveFloat
    expert_bytes_per_weight: PositiveFloat
    head_bytes_per_weight: PositiveFloat = 2.0
    default: bool = True
    source: Source


class Rate(Value):
    """A figure that depends on content, with its source."""

    value: PositiveFloat
    source: Source


class Drafter(Value):
    """A small model that proposes `draft_tokens` which one pass of the large one verifies.

    `accepted_tokens` is the mean number of tokens a verified pass yields, the sure one included.
    """

    name: Name
    checkpoint: str
    weights_bytes: PositiveInt
    parameters: PositiveInt
    draft_tokens: PositiveInt
    accepted_tokens: dict[Content, Rate]
    source: Source


class StepLaw(Value):
    """Denoising steps that a canvas of one kind of content takes."""

    mean: PositiveFloat
    p90: PositiveFloat
    source: Source


class Canvas(Value):
    """What makes a block-diffusion model: canvas length, self-conditioning, and steps by content."""

    tokens: PositiveInt
    max_steps: PositiveInt
    self_conditioning_width: PositiveInt
    steps: dict[Content, StepLaw]
    source: Source


class Score(Value):
    """A published quality score."""

    benchmark: str
    value: float
    higher_is_better: bool = True
    unit: str = "%"
    source: Source


class ModelSpec(Value):
    """One model: one file in `profiles/models/`."""

    name: Name
    title: str
    family: Name
    decode: Decode
    hidden: PositiveInt
    query_heads: PositiveInt
    vocabulary: PositiveInt
    attention: tuple[AttentionLayers, ...] = Field(min_length=1)
    dense_mlp_width: PositiveInt
    experts: Experts | None = None
    context_tokens: PositiveInt
    canvas: Canvas | None = None
    checkpoints: tuple[Checkpoint, ...] = Field(min_length=1)
    drafters: tuple[Drafter, ...] = ()
    scores: tuple[Score, ...] = ()
    compared_by_default: bool = True
    min_engine_version: str = ""
    min_engine_version_tensor_parallel: str = ""
    source: Source

    @property
    def layers(self) -> int:
        """Number of transformer layers."""
        return sum(group.count for group in self.attention)

    def checkpoint(self, precision: Precision) -> Checkpoint | None:
        """Return the default checkpoint of a precision, or None when there is none."""
        matching = [c for c in self.checkpoints if c.precision is precision]
        return next((c for c in matching if c.default), matching[0] if matching else None)
