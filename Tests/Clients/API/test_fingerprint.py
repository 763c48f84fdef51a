"""`system_fingerprint` is a function of weights, routing, isolation and numerics, and of nothing in the process."""

import pytest

from running_server import RunningServer


def fingerprint(server: RunningServer, model: str) -> str:
    return server.chat("Hi.", model=model, max_tokens=1)["system_fingerprint"]


@pytest.fixture(scope="module")
def second_server():
    """Another process, with other sizes: they change no bit of a completion, and so no fingerprint."""
    with RunningServer("--threads", "1", "--max-running", "3") as server:
        yield server


@pytest.mark.parametrize("model", ["gpt-4", "gpt-4:per-sequence", "gpt-3.5-turbo"])
def test_two_processes_give_the_same_fingerprint(server, second_server, model):
    assert server.process.pid != second_server.process.pid
    assert fingerprint(server, model) == fingerprint(second_server, model)


def test_a_process_with_another_isolation_gives_another_fingerprint(server):
    with RunningServer("--isolation", "per-sequence") as isolated:
        assert fingerprint(isolated, "gpt-4") != fingerprint(server, "gpt-4")
        assert fingerprint(isolated, "gpt-4") == fingerprint(server, "gpt-4:per-sequence")
