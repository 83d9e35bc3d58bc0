"""Checks of the exercises: each takes your function and says whether it is right, or how not."""
