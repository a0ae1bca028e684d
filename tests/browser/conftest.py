"""The browser tests look at a real server: `kg serve` on the real data (see `live_server` in tests/conftest.py)."""

import pytest


@pytest.fixture(scope="session")
def base_url(live_server: str) -> str:
    """The address that every page of these tests is relative to."""
    return live_server
