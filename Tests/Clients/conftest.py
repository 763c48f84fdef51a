"""Servers and clients that the tests share."""

import pytest

from client_process import GENERATIONS, ClientProcess
from running_server import RunningServer


@pytest.fixture(scope="session")
def server():
    """A server with no traffic of its own."""
    with RunningServer() as server:
        yield server


@pytest.fixture(scope="session")
def busy_server():
    """A server with eight tenants."""
    with RunningServer("--tenants", "8") as server:
        yield server


@pytest.fixture(scope="session", params=GENERATIONS)
def client(request, server):
    """Each generation of the openai package, pointed at the quiet server."""
    client = ClientProcess(request.param, server.base_url)
    yield client
    client.close()
