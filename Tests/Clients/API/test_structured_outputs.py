"""Outputs that follow a schema and calls that are forced, asked for as openai's own helpers do."""

import json

import pytest

from client_process import DRIVERS
from test_other_clients import run

MESSAGES = [{"role": "user", "content": "Tell me a story."}]
PERSON = {
    "type": "object", "required": ["name", "age"], "additionalProperties": False,
    "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "minimum": 1, "maximum": 99}},
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON, "strict": True}}
TOOLS = [
    {"type": "function", "function": {"name": "greet", "parameters": PERSON}},
    {"type": "function", "function": {"name": "leave"}},
]


def is_person(value: dict) -> bool:
    return list(value) == ["name", "age"] and len(value["name"]) <= 12 and 1 <= value["age"] <= 99


@pytest.mark.parametrize("environment", ["openai-1", "openai-2", "openai-3"])
def test_the_helpers_of(environment, server):
    found = json.loads(run(environment, "python", str(DRIVERS / "structured.py"), server.base_url))
    assert found["parsed"] == found["streamed"]
    assert 1 <= found["parsed"]["age"] <= 99 and len(found["parsed"]["friends"]) <= 2
    assert found["finish"] == "stop"
    assert found["call"] == found["streamed call"] and found["call"][0] in ("Move", "Wait")
    assert found["call's finish"] == found["streamed call's finish"] == "tool_calls"
    assert found["call's id"].startswith("call_") and found["streamed call's id"] != found["call's id"]
    assert found["content"] is None
    assert [name for name, _ in found["named"]] == ["Wait", "Wait"]
    assert all(1 <= arguments["minutes"] <= 60 for _, arguments in found["named"])
    # As the API has it: where the client chose the function, its call is not the reason to stop.
    assert found["named's finish"] == ["stop", "stop"]
    assert found["answered"]
    assert 1 <= found["response"]["age"] <= 99


def test_every_client_gets_an_object_whole_and_streamed(client):
    arguments = {"model": "gpt-4", "messages": MESSAGES, "temperature": 0, "max_tokens": 60, "response_format": FORMAT}
    whole = client.text("chat", **arguments)
    assert is_person(json.loads(whole))
    assert client.text("chat", stream=True, **arguments) == whole


def chat(server, **fields) -> dict:
    body = {"model": "gpt-4", "messages": MESSAGES, "temperature": 0, "max_tokens": 60, **fields}
    response = server.http.post("/v1/chat/completions", json=body)
    assert response.status_code == 200, response.text
    return response.json()["choices"][0]


@pytest.mark.parametrize("budget", [2, 8, 20, 40])
def test_any_object_is_complete_whatever_the_budget(server, budget):
    choice = chat(server, response_format={"type": "json_object"}, max_tokens=budget)
    assert isinstance(json.loads(choice["message"]["content"]), dict)
    assert choice["finish_reason"] == "stop"


def test_an_object_that_no_budget_suffices_for_is_cut(server):
    choice = chat(server, response_format=FORMAT, max_tokens=4)
    assert choice["finish_reason"] == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(choice["message"]["content"])


def test_a_text_completion_may_have_a_format_too(server):
    response = server.http.post("/v1/completions", json={
        "model": "davinci", "prompt": "Once", "max_tokens": 60, "response_format": FORMAT, "n": 2, "seed": 3})
    assert all(is_person(json.loads(choice["text"])) for choice in response.json()["choices"])


def test_every_choice_makes_its_own_call(server):
    body = {
        "model": "gpt-4", "messages": MESSAGES, "max_tokens": 80, "n": 8, "seed": 1, "tools": TOOLS,
        "tool_choice": "required", "temperature": 1.5}
    choices = server.http.post("/v1/chat/completions", json=body).json()["choices"]
    names, ids = set(), set()
    for choice in choices:
        [call] = choice["message"]["tool_calls"]
        arguments = json.loads(call["function"]["arguments"])
        assert arguments == {} if call["function"]["name"] == "leave" else is_person(arguments)
        names.add(call["function"]["name"])
        ids.add(call["id"])
    assert names == {"greet", "leave"} and len(ids) == 8


def test_every_client_may_call_functions_as_in_2023(client):
    arguments = {
        "model": "gpt-4", "messages": MESSAGES, "temperature": 0, "max_tokens": 80,
        "functions": [tool["function"] for tool in TOOLS], "function_call": {"name": "greet"}}
    choice = client.create("chat", **arguments)["response"]["choices"][0]
    call = choice["message"]["function_call"]
    assert call["name"] == "greet" and is_person(json.loads(call["arguments"]))
    assert choice["message"]["content"] is None and choice["finish_reason"] == "stop"
    chunks = client.create("chat", stream=True, **arguments)["chunks"]
    deltas = [chunk["choices"][0]["delta"].get("function_call") or {} for chunk in chunks]
    assert [delta["name"] for delta in deltas if delta.get("name")] == ["greet"]
    assert "".join(delta.get("arguments") or "" for delta in deltas) == call["arguments"]
    # What the model called, and what came of it.
    history = MESSAGES + [
        {"role": "assistant", "content": None, "function_call": call},
        {"role": "function", "name": "greet", "content": "done"}]
    answer = client.create("chat", model="gpt-4", messages=history, max_tokens=5, functions=arguments["functions"])
    assert answer["response"]["choices"][0]["message"]["content"]


def test_tools_that_are_not_forced_leave_the_text_free(server):
    plain = chat(server, max_tokens=12)
    assert chat(server, max_tokens=12, tools=TOOLS) == plain
    assert chat(server, max_tokens=12, tools=TOOLS, tool_choice="none") == plain


def test_a_per_sequence_object_is_the_same_in_any_company(busy_server):
    answers = {
        json.dumps(chat(busy_server, model="gpt-4:per-sequence", response_format=FORMAT, logprobs=True))
        for _ in range(10)}
    assert len(answers) == 1
