"""Cells in a tissue, and what they exchange: fields, individuals, mechanics, the schedule."""
