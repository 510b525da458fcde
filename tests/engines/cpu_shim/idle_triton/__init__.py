"""A Triton backend that never compiles: the interpreter runs every kernel."""
