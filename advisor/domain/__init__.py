"""Frozen values that every room speaks: models, GPUs, engines, deployments, workloads, objectives, offers, answers.

Knows what is valid. Refuses to know files, networks and SQL.
"""
