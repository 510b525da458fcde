"""An OpenAI-compatible server whose timing is given from outside: a try-out without a GPU.

Knows the protocol and how to wait. Refuses to know physics; what it serves is simulated and no evidence.
"""
