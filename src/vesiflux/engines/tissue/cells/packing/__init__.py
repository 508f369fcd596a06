"""Loops that find places for cells."""
