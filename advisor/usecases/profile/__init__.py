"""Measuring: campaigns on a cluster, and servers that already run."""
