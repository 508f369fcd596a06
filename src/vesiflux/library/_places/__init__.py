"""Scripts that made the places of cells in the library's models."""
