"""Physics in one copy: plain functions of numbers, for Python, for arrays' elements and inside numba kernels.

Every function uses only `math`, calls no other function of this package and takes positional numbers, so
``numba.njit(function)`` works on each. Lengths are um, times h, temperatures K; other units are in the names.
"""
