"""Conjugate gradients on the diagonals of a grid's operator."""
