"""Data sets: 2-D toys with exact densities, and images."""
