"""The responses endpoint, with the newest openai package."""

import json
import subprocess

import pytest

from client_process import DRIVERS
from running_server import ROOT


@pytest.fixture(scope="module")
def found(server) -> dict:
    result = subprocess.run(
        [ROOT / ".venv-clients/openai-3/bin/python", DRIVERS / "responses.py", server.base_url],
        capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_response_is_the_chat_completion_of_its_messages(found, server):
    chat = server.chat("Tell me a story.", max_tokens=12, messages=[
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "Tell me a story."}])
    assert found["text"] == chat["choices"][0]["message"]["content"]
    response = found["whole"]
    assert (response["object"], response["status"]) == ("response", "incomplete")
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert response["usage"]["output_tokens"] == 12
    assert response["usage"]["total_tokens"] == 12 + response["usage"]["input_tokens"]


def test_a_streamed_response_uses_the_api_s_events(found):
    types = [event["type"] for event in found["events"]]
    assert types[:4] == [
        "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"]
    assert types[-4:] == [
        "response.output_text.done", "response.content_part.done", "response.output_item.done",
        "response.incomplete"]
    assert set(types[4:-4]) == {"response.output_text.delta"}
    assert [event["sequence_number"] for event in found["events"]] == list(range(len(types)))
    deltas = [event["delta"] for event in found["events"] if event["type"] == "response.output_text.delta"]
    assert "".join(deltas) == found["text"] == found["gathered"]
    final = found["events"][-1]["response"]
    assert final["output"][0]["content"][0]["text"] == found["text"]
    assert final["usage"]["output_tokens"] == 12


def test_nothing_is_kept_so_nothing_can_be_gone_on_with(found):
    assert found["refused"] == "unsupported_parameter"


def test_embeddings_arrive_whole(found):
    assert len(found["embeddings"]) == 2 and found["embeddings"][0] == found["embeddings"][1] > 0
