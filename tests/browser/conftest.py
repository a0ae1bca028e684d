"""The browser tests look at a real server: `kg serve` on the real data (see `base_url` in tests/conftest.py)."""
