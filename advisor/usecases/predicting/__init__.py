"""Open-loop latency of a server from the closed-loop profile that the user has of it."""
