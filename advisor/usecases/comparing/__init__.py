"""Two recommendations side by side: what differs, by which cause, and whether the earlier one can be had again."""
