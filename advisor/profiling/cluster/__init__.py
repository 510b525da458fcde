"""Work on the machines of a Ray cluster, placed by the type of their GPUs."""
