"""What this program does not know: the one place that the README and the dashboard take it from."""

LIMITS = (
    "DiffusionGemma on vLLM 0.31 or later: the sampler was rewritten, and no published curve uses it. It may be faster than shown.",
    "Gemma 4 in FP8 beyond one stream on H100 and H200: no published vLLM row was found. AMD: no row at all; left out unless named.",
    "Correlated failures (replicas fail one by one here), preemption for want of KV cache (slots are capped by memory instead), and whatever the speed given to the simulation leaves out: it never counts as a measurement.",
    "Costs beside the rent of GPUs: staff, traffic, storage, idle nights. Prices are snapshots, not quotes.",
    "How your own GPUs do, until you measure them.",
)
"""One limit each, in Markdown."""
