"""Results as files: what other tools measured comes in, campaigns go out and come back."""
