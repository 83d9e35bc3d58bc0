"""Evidence: what a measured number depends on, and whether it is still true of today's code."""

from diffusionbook.evidence import receipts, results
from diffusionbook.evidence.results import Result

__all__ = ["Result", "receipts", "results"]
