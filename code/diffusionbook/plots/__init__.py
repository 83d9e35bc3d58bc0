"""Figures. These are the only modules of the package that import matplotlib."""

__all__ = ["curves", "guidance", "images", "orders", "points", "reverse", "style", "tables"]
