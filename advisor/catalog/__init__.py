"""Turns files into domain values: the shipped profiles, and a user's own workloads, traces and daily profiles.

Knows paths, formats and how to say what is wrong with a file. Refuses to know physics and what a price means.
Every bad file ends in one `DataError` that names file, line and field.
"""

from advisor.catalog.calibration import (
    KernelTiming,
    Prior,
    constants_document,
    read_constants,
    read_excluded,
    read_kernels,
    read_priors,
)
from advisor.catalog.campaigns import read_campaign, rules_of
from advisor.catalog.daily import read_daily_profile, read_daily_profile_file, read_daily_profiles, read_operations
from advisor.catalog.measurements import read_measurements
from advisor.catalog.names import resolve, resolve_all
from advisor.catalog.offers import read_offers
from advisor.catalog.roots import digest_of, profiles_root, samples_root
from advisor.catalog.server_profiles import read_server_profile
from advisor.catalog.specs import (
    newest_engine,
    read_engine,
    read_engines,
    read_gpu,
    read_gpus,
    read_model,
    read_models,
    read_newest_engine,
    spec_names,
)
from advisor.catalog.traces import read_trace
from advisor.catalog.workloads import read_workload, read_workload_file, read_workloads

__all__ = [
    "KernelTiming",
    "Prior",
    "constants_document",
    "digest_of",
    "newest_engine",
    "profiles_root",
    "read_campaign",
    "read_constants",
    "read_daily_profile",
    "read_daily_profile_file",
    "read_daily_profiles",
    "read_engine",
    "read_engines",
    "read_excluded",
    "read_gpu",
    "read_gpus",
    "read_kernels",
    "read_measurements",
    "read_model",
    "read_models",
    "read_newest_engine",
    "read_offers",
    "read_operations",
    "read_priors",
    "read_server_profile",
    "read_trace",
    "read_workload",
    "read_workload_file",
    "read_workloads",
    "resolve",
    "resolve_all",
    "rules_of",
    "samples_root",
    "spec_names",
]
