"""The dashboard: pages over the use cases of `advisor`. It computes nothing; every figure equals the command line's."""
