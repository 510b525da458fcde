"""Order among plans, ties, and the search that sizes only what could still be cheapest.

Knows costs, latencies and floors of options. Refuses to know how a number was made.
"""
