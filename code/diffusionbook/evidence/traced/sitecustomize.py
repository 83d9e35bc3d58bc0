"""Python imports this at its start where its folder is on PYTHONPATH: it writes down what runs.

It is no part of the package's code: it stands by itself, so that the code of any commit, in any
number of child processes, can be watched by it. ``TRACE_ROOT`` is the package's folder; one file
for each process in the folder ``TRACE_TO`` lists the functions of the package that were called and
the files of it that were opened for reading.
"""

import atexit
import json
import os
import sys
import threading

OPTIMIZED = 1  # a code object's flag of functions, which bodies of modules and classes lack


def watch(root: str, folder: str | None) -> None:
    if folder is None:
        return
    codes, opened = set(), set()

    def profile(frame, event, argument):
        if event == "call":
            codes.add(frame.f_code)

    def audit(event, arguments):
        if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(root):
            opened.add(arguments[0])

    def write():
        sys.setprofile(None)
        ran = sorted({(c.co_filename, c.co_firstlineno, c.co_qualname) for c in codes
                      if c.co_flags & OPTIMIZED and c.co_filename.startswith(root)})
        files = sorted(x for x in opened if not x.endswith((".py", ".pyc")))
        with open(os.path.join(folder, f"{os.getpid()}.json"), "w", encoding="utf-8") as file:
            json.dump({"ran": ran, "opened": files}, file)

    atexit.register(write)
    sys.addaudithook(audit)
    threading.setprofile(profile)
    sys.setprofile(profile)


watch(os.environ.get("TRACE_ROOT", ""), os.environ.get("TRACE_TO"))
