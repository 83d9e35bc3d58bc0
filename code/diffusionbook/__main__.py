"""``python -m diffusionbook``."""

import sys

from diffusionbook.cli import main

sys.exit(main())
