"""Lists of near pairs of cells."""
