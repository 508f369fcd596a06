"""Elliptic solves on voxels by Krylov methods with a multigrid cycle in front, flow and walls included."""
