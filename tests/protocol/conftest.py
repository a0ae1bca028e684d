"""One server for all tests of the protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.server import Server
from tests.protocol.asking import BASE_URL, DATA


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("protocol") / "data.nq"
    path.write_text(DATA, "utf-8")
    with Server([path], options=["--base-url", BASE_URL]) as running:
        yield running
