"""How the book looks and behaves where it is read: the colours and macros of formulas, numbers,
icons, live parts, the cover, what is told where a link is shared, and what the theme and Sphinx
leave to be mended.
"""
