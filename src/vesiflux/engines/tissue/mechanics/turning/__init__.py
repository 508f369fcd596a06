"""How motile cells turn."""
