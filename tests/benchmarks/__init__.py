"""Benchmarks: `python -m tests.benchmarks` prints what things cost and whether they keep their promise."""
