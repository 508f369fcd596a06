"""What pairs of cells do to each other."""
