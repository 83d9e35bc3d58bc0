"""Evidence: what a measured number depends on, and whether it is still true of today's code."""
