"""Python imports this at its start where its folder is on PYTHONPATH: it writes down what runs.

It is no part of the package's code: it stands by itself, so that the code of any commit, in any
number of child processes, can be watched by it. ``TRACE_ROOT`` is the package's folder; one file
for each process in the folder ``TRACE_TO`` lists the functions of the package that were called,
those that were called only while a module of it was imported, and the files that were opened.
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
    called, imported, opened = set(), set(), set()

    def profile(frame, event, argument):
        code = frame.f_code
        if event != "call" or code in called or not code.co_filename.startswith(root):
            return
        (imported if under_import(frame) else called).add(code)

    def under_import(frame):
        while frame is not None:
            if frame.f_code.co_name == "<module>" and frame.f_code.co_filename.startswith(root):
                return True
            frame = frame.f_back
        return False

    def audit(event, arguments):
        if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(root):
            opened.add(arguments[0])

    def write():
        sys.setprofile(None)
        held = {"opened": sorted(x for x in opened if not x.endswith((".py", ".pyc")))}
        for key, codes in (("called", called), ("imported", imported - called)):
            held[key] = sorted({(c.co_filename, c.co_firstlineno, c.co_qualname) for c in codes
                                if c.co_flags & OPTIMIZED})
        with open(os.path.join(folder, f"{os.getpid()}.json"), "w", encoding="utf-8") as file:
            json.dump(held, file)

    atexit.register(write)
    sys.addaudithook(audit)
    threading.setprofile(profile)
    sys.setprofile(profile)


watch(os.environ.get("TRACE_ROOT", ""), os.environ.get("TRACE_TO"))
