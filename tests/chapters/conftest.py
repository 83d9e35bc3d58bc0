"""The tests of this folder may use each other's parts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
