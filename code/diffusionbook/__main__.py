"""``python -m diffusionbook``."""

import sys

from diffusionbook.cli.arguments import main

sys.exit(main())
