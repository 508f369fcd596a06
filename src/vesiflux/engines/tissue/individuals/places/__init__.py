"""Moves where voxels differ."""
