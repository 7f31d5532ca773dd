"""Tests of Reclaim: sentences about the business. `python3 -m tests` sets everything up and runs them."""
