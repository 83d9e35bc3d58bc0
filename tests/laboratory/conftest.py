"""The scripts of the laboratory that draw nothing: what its worker runs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
