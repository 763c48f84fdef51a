"""Neighbours change a completion; each of the isolation switches stops that."""

import httpx
import pytest

from client_process import GENERATIONS, ClientProcess
from probe_calls import MESSAGES, probe_call
from running_server import RunningServer

MODES = ("cross-sequence", "per-sequence", "dropless")


def ask(server: RunningServer, model: str = "gpt-4", max_tokens: int = 96, **fields) -> dict:
    """The probe's call to a chat model, as plain JSON, with log-probabilities."""
    call = probe_call(model, max_tokens)
    del call["method"]
    response = server.http.post("/v1/chat/completions", json={**call, "logprobs": True, **fields})
    assert response.status_code == 200, response.text
    return response.json()


def content(answer: dict) -> tuple:
    """All that a client can see of a completion: its text and the exact log-probability of each token."""
    choice = answer["choices"][0]
    return choice["message"]["content"], tuple(token["logprob"] for token in choice["logprobs"]["content"])


@pytest.mark.parametrize("mode", MODES)
def test_alone_a_prompt_has_one_completion_in_every_mode(server, mode):
    assert len({content(ask(server, f"gpt-4:{mode}")) for _ in range(8)}) == 1


def test_alone_means_isolated(server):
    assert content(ask(server, "gpt-4:cross-sequence")) == content(ask(server, "gpt-4:per-sequence"))


def test_busy_neighbours_change_a_completion(busy_server):
    answers = [ask(busy_server) for _ in range(20)]
    assert len({content(answer) for answer in answers}) > 1
    assert sum(answer["jostle"]["dropped_assignments"] for answer in answers) > 0
    assert busy_server.metric("jostle:mixed_groups_total") > 0


def test_an_isolated_completion_is_the_same_among_busy_neighbours_and_alone(busy_server, server):
    reference = content(ask(server, "gpt-4:per-sequence"))
    answers = [ask(busy_server, "gpt-4:per-sequence") for _ in range(20)]
    assert {content(answer) for answer in answers} == {reference}
    assert sum(answer["jostle"]["shared_steps"] for answer in answers) > 0


@pytest.mark.parametrize("mode", MODES)
def test_the_models_name_may_end_with_an_isolation(server, mode):
    assert ask(server, f"gpt-4:{mode}", max_tokens=4)["jostle"]["isolation"] == mode


@pytest.mark.parametrize("mode", MODES)
def test_a_request_may_name_its_isolation_in_a_field(server, mode):
    assert ask(server, max_tokens=4, isolation=mode)["jostle"]["isolation"] == mode


@pytest.mark.parametrize("generation", [name for name in GENERATIONS if name != "openai-0.27.8"])
def test_a_client_passes_the_field_as_extra_body(server, generation):
    client = ClientProcess(generation, server.base_url)
    answer = client.create(
        "chat", model="gpt-4", messages=MESSAGES, max_tokens=4, extra_body={"isolation": "dropless"})
    client.close()
    assert answer["response"]["jostle"]["isolation"] == "dropless"


def test_the_legacy_client_passes_the_field_as_it_is(server):
    client = ClientProcess("openai-0.27.8", server.base_url)
    answer = client.create("chat", model="gpt-4", messages=MESSAGES, max_tokens=4, isolation="dropless")
    client.close()
    assert answer["response"]["jostle"]["isolation"] == "dropless"


def test_an_unknown_isolation_is_refused_with_the_known_ones(server):
    response = server.http.post(
        "/v1/chat/completions", json={"model": "gpt-4", "messages": MESSAGES, "isolation": "sometimes"})
    error = response.json()["error"]
    assert (response.status_code, error["param"]) == (400, "isolation")
    assert all(mode in error["message"] for mode in MODES)


def test_the_servers_flag_isolates_every_request():
    with RunningServer("--isolation", "per-sequence") as server:
        assert ask(server, max_tokens=4)["jostle"]["isolation"] == "per-sequence"
        assert ask(server, "gpt-4:cross-sequence", max_tokens=4)["jostle"]["isolation"] == "cross-sequence"


@pytest.fixture(scope="module")
def changeable_server():
    with RunningServer() as server:
        yield server


def routing(server: RunningServer, model: str) -> dict:
    return next(state for state in server.http.get("/admin/routing").json()["data"] if state["model"] == model)


def test_routing_can_be_changed_while_the_server_runs(changeable_server):
    http = changeable_server.http
    response = http.put("/admin/routing", params={"model": "gpt-4"}, json={
        "isolation": "per-sequence", "capacity_factor": 2.5})
    assert response.status_code == 200, response.text
    assert routing(changeable_server, "gpt-4")["isolation"] == "per-sequence"
    assert routing(changeable_server, "gpt-4")["capacity_factor"] == 2.5
    assert routing(changeable_server, "gpt-3.5-turbo")["isolation"] == "cross-sequence"
    assert ask(changeable_server, max_tokens=4)["jostle"]["isolation"] == "per-sequence"


@pytest.mark.parametrize("change", [
    {"isolation": "sometimes"}, {"capacity_factor": 0}, {"capacity_factor": "much"}, {"group_size": 0},
    {"preset": "guess"}, {"unheard_of": 1}, [], "per-sequence",
])
def test_a_wrong_change_of_routing_changes_nothing(changeable_server, change):
    before = changeable_server.http.get("/admin/routing").json()
    response: httpx.Response = changeable_server.http.put("/admin/routing", json=change)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert changeable_server.http.get("/admin/routing").json() == before
