"""``python -m diffusionbook.evidence``: what the book's numbers depend on, and since when.

Needs the standard library alone. With ``most-resealed`` it prints the name of the result whose
record was renewed most often without measuring, the one to measure again in full.
"""

import sys
import time

from diffusionbook.evidence.report import most_resealed, report

if __name__ == "__main__":
    if sys.argv[1:] == ["most-resealed"]:
        print(most_resealed() or "")
    elif sys.argv[1:]:
        sys.exit(f"usage: python -m diffusionbook.evidence [most-resealed]; got {sys.argv[1:]}")
    else:
        began = time.process_time()
        lines, stale = report()
        print(*lines, sep="\n")
        print(f"Asked in {time.process_time() - began:.2f} s of processor time.")
        sys.exit(1 if stale else 0)
