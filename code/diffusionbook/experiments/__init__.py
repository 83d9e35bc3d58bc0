"""Experiments: measurements that are too heavy for a page.

One module per experiment: ``experiments/spiral_chain.py`` is ``spiral-chain``. It holds

* ``SEEDS``, the training seeds;
* ``RECIPES``, the recipes it trains (their fields and data are recorded);
* ``measure(seed, device) → dict`` of named numbers, the same names for every seed.

A chapter runs the small version of the same functions live, and loads the numbers by
``results.load(name)``.
"""
