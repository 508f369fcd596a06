"""The substep where faces differ from place to place."""
