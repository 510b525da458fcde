"""Sends offered load to an OpenAI-style server and times every request.

Knows HTTP, streams, arrival processes and the statistics of a run. Refuses to know models, GPUs and whether a run counts.
"""
