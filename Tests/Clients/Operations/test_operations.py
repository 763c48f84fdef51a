"""What an operator relies on: health, metrics, and nothing left behind by clients that leave."""

import signal
import threading

import httpx
import pytest

from probe_calls import MESSAGES, MODELS
from running_server import RunningServer, eventually


def test_a_running_server_is_healthy(server):
    assert server.http.get("/health").json() == {"status": "ok"}


def test_metrics_count_what_a_completion_did(server):
    before = server.metrics()
    answer = server.chat("Write a story about a kite.", max_tokens=24)
    after = server.metrics()
    generated = after["vllm:generation_tokens_total"] - before["vllm:generation_tokens_total"]
    assert generated == answer["usage"]["completion_tokens"]
    assert after["jostle:steps_total"] > before["jostle:steps_total"]
    assert after["jostle:assignments_total"] > before["jostle:assignments_total"]
    assert after["vllm:request_success_total"] == before.get("vllm:request_success_total", 0) + 1


def test_every_model_can_be_asked_for_by_name(server):
    for model in MODELS:
        card = server.http.get(f"/v1/models/{model}").json()
        assert (card["id"], card["object"]) == (model, "model")


def test_responses_say_which_request_they_answer(server):
    ids = {server.http.get("/v1/models").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


@pytest.fixture(scope="module")
def slow_server():
    """Eight seconds for a completion of 400 tokens."""
    with RunningServer("--pace", "20ms") as server:
        yield server


LONG = {
    "model": "gpt-4", "messages": MESSAGES, "max_tokens": 400, "temperature": 0,
    "logit_bias": {"100257": -100},
}


def all_blocks_free(server: RunningServer) -> bool:
    metrics = server.metrics()
    return (
        metrics["vllm:num_requests_running"] == 0
        and metrics["jostle:kv_blocks"] > 0
        and metrics["jostle:kv_blocks_free"] == metrics["jostle:kv_blocks"])


def aborted(server: RunningServer) -> float:
    text = server.http.get("/metrics").text
    return sum(float(line.split()[-1]) for line in text.splitlines() if 'finished_reason="abort"' in line)


def test_a_client_that_leaves_a_stream_frees_its_blocks(slow_server):
    before = aborted(slow_server)
    body = {**LONG, "stream": True}
    with slow_server.http.stream("POST", "/v1/chat/completions", json=body) as response:
        lines = response.iter_lines()
        assert next(lines).startswith("data: ")
        assert eventually(lambda: slow_server.metric("vllm:num_requests_running") == 1, within=5)
    assert eventually(lambda: all_blocks_free(slow_server), within=3)
    assert aborted(slow_server) == before + 1


def test_a_client_that_gives_up_waiting_frees_its_blocks(slow_server):
    before = aborted(slow_server)
    with pytest.raises(httpx.ReadTimeout):
        slow_server.http.post("/v1/chat/completions", json=LONG, timeout=0.5)
    assert eventually(lambda: all_blocks_free(slow_server), within=3)
    assert aborted(slow_server) == before + 1


def test_a_full_queue_refuses_and_says_when_to_come_back():
    with RunningServer("--max-running", "1", "--max-queued", "1", "--pace", "20ms") as server:
        clients = [threading.Thread(target=lambda: server.chat("Hi.", max_tokens=100)) for _ in range(2)]
        for client, gauge in zip(clients, ["vllm:num_requests_running", "vllm:num_requests_waiting"]):
            client.start()
            assert eventually(lambda: server.metric(gauge) == 1, within=5)
        response = server.http.post("/v1/chat/completions", json={**LONG, "max_tokens": 4})
        for client in clients:
            client.join()
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert response.json()["error"]["type"] == "server_error"


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_in_flight_finish(signal_number):
    with RunningServer("--pace", "10ms") as server:
        answers = []
        client = threading.Thread(target=lambda: answers.append(server.chat("Hi.", max_tokens=60)))
        client.start()
        assert eventually(lambda: server.metric("vllm:num_requests_running") == 1, within=5)
        assert server.stop(signal_number) == 0
        client.join()
    assert answers[0]["choices"][0]["finish_reason"] in ("stop", "length")


def test_a_second_signal_ends_at_once():
    with RunningServer("--pace", "20ms") as server:
        client = threading.Thread(target=lambda: _ignoring_the_end(server))
        client.start()
        assert eventually(lambda: server.metric("vllm:num_requests_running") == 1, within=5)
        server.process.send_signal(signal.SIGTERM)
        assert eventually(lambda: "stopping" in server.log_text(), within=5)
        assert server.stop(signal.SIGTERM, within=3) == 128 + signal.SIGTERM
        client.join()


def _ignoring_the_end(server: RunningServer) -> None:
    try:
        server.http.post("/v1/chat/completions", json=LONG)
    except httpx.TransportError:
        pass
