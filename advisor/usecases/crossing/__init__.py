"""Where the answer flips: along an axis, on a map of two, by one input after the other, and by the price of a GPU type."""
