"""A lecture for each chapter, made of the chapter's own sentences, equations and figures.

Nothing is written by hand beside the chapter, so that its slides cannot go stale.
"""
