"""An OpenAI-compatible server whose timing is given from outside: a try-out without a GPU.

Knows the protocol, an engine's way of working, and how to wait. Refuses to know physics; what it serves is simulated and
no evidence.
"""

from advisor.demo.server import serve
from advisor.demo.setup import CanvasLaw, DraftLaw, EngineSetup, Listening, Pace

__all__ = ["CanvasLaw", "DraftLaw", "EngineSetup", "Listening", "Pace", "serve"]
