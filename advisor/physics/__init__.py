"""Memory, step times, block diffusion and drafters: pure, sourced functions of arrays, with units.

Knows shapes, bytes and FLOPs. Refuses to know prices, queues and files.
"""
