"""Figures. These are the only modules of the package that import matplotlib."""
