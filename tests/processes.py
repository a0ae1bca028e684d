"""Processes that tests start: none outlives the test run, however that ends."""

from __future__ import annotations

KG = (
    "import ctypes, sys; sys.platform == 'linux' and ctypes.CDLL(None).prctl(1, 15); "  # PR_SET_PDEATHSIG, SIGTERM
    "from kg.cli import main; main()"
)
"""`kg` for `python -c`, which is told to end when the tests have ended, also if they were killed (Linux)."""
