"""A plan under load over time, event by event."""
