"""Pages, tables and words that are made from the sources while the book is built: the reference of
the API, verified equations, models, run times, the notation, and what running a page costs.
"""
