"""What instruments show of a tube, and what was in it when they show this."""
