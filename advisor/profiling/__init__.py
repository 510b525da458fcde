"""Starts servers, and sends work to the machines of a cluster.

Knows processes, GPUs' drivers and Ray. Refuses to know what is measured, and what a recommendation needs.
"""
