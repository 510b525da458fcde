"""What is known of speeds: shipped rows, the user's own runs, and what one cell says of another."""
