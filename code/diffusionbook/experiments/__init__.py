"""Experiments: measurements that are too heavy for a page.

One module per experiment: ``experiments/spiral_chain.py`` is ``spiral-chain``. It holds

* ``SEEDS``, the training seeds;
* ``RECIPES``, the recipes it trains (their fields and data are recorded);
* ``measure(seed, device) → dict`` of named numbers, the same names for every seed;
* ``TINY``, values of constants that it reaches for a run of seconds, which is the same functions
  with less to do: tests watch it, and a reseal compares it.

A chapter runs the small version of the same functions live, and loads the numbers by
``results.load(name)``.
"""
