"""Which is cheaper to serve at your QPS: Gemma 4 or DiffusionGemma, on which GPU, and how sure are we."""

__version__ = "0.1.0"
