"""What to measure before deciding: the worth of each cell, and the campaigns that measure them."""
