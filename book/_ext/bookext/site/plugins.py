"""Pybtex asks the files of all installed packages for its plug-ins, again for each citation; in a
build it asks once."""

from functools import cache

import pybtex.plugin


def setup(app):
    if not hasattr(pybtex.plugin.find_plugin, "cache_info"):
        pybtex.plugin.find_plugin = cache(pybtex.plugin.find_plugin)
