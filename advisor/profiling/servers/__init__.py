"""A server process of ours, from its command line to the last of its children."""
