"""The cheapest plan per contender and overall, ties, and the words of the decision.

Knows costs, latencies and floors of options. Refuses to know how a number was made.
"""
