"""``python -m diffusionbook.evidence``: what the book's numbers depend on, and since when.

Needs the standard library alone. With ``most-resealed`` it prints the name of the result whose
record was renewed most often without measuring, the one to measure again in full; with ``compare
NAME FOLDER`` it holds such a measurement, in another folder, against the result.
"""

import sys
import time

from diffusionbook.evidence.report import most_resealed, report, unlike

if __name__ == "__main__":
    if sys.argv[1:] == ["most-resealed"]:
        print(most_resealed() or "")
    elif len(sys.argv) == 4 and sys.argv[1] == "compare":
        found = unlike(*sys.argv[2:])
        print(*(found or [f"{sys.argv[2]}: every number is within its spread"]), sep="\n")
        sys.exit(1 if found else 0)
    elif sys.argv[1:]:
        sys.exit("usage: python -m diffusionbook.evidence [most-resealed | compare NAME FOLDER]; "
                 f"it got {sys.argv[1:]}")
    else:
        began = time.process_time()
        lines, stale = report()
        print(*lines, sep="\n")
        print(f"Asked in {time.process_time() - began:.2f} s of processor time.")
        sys.exit(1 if stale else 0)
