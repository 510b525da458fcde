"""Composition: each question a user can ask, answered by the rooms below.

The only place that lets siblings meet: profiles become deployments, physics and evidence give curves, queueing turns
them into latencies, cost into money, planning into a decision.

What lies here is the way to `advisor recommend` (`market` holds what competes, `recommend` gives the answer). Packages hold
what only one kind of question needs, and `grounding` what all of them rest on.
"""
