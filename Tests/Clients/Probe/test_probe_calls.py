"""Every generation of the openai package makes the probe's calls."""

import pytest

from probe_calls import COMPLETION_MODELS, MODELS, probe_call


@pytest.mark.parametrize("model", MODELS)
def test_the_probes_call_is_answered(client, model):
    response = client.create(**probe_call(model))["response"]
    assert response["model"] == model
    assert response["usage"]["completion_tokens"] > 0
    assert response["usage"]["total_tokens"] == (
        response["usage"]["prompt_tokens"] + response["usage"]["completion_tokens"])
    assert client.text(**probe_call(model)).strip()


@pytest.mark.parametrize("model", COMPLETION_MODELS)
def test_the_bias_against_the_end_of_text_keeps_a_completion_going(client, model):
    response = client.create(**probe_call(model))["response"]
    assert response["choices"][0]["finish_reason"] == "length"
    assert response["usage"]["completion_tokens"] == 128


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_adds_up_to_the_whole_answer(client, model):
    call = probe_call(model, max_tokens=48)
    assert client.text(**call, stream=True) == client.text(**call)


@pytest.mark.parametrize("model", ["gpt-4", "davinci"])
def test_a_stream_ends_with_a_finish_reason(client, model):
    chunks = client.create(**probe_call(model, max_tokens=8), stream=True)["chunks"]
    reasons = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]]
    assert reasons[-1] in ("stop", "length")
    assert not any(reasons[:-1])
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_usage_comes_last_where_a_stream_is_asked_for_it(client):
    call = probe_call("gpt-4", max_tokens=8)
    chunks = client.create(**call, stream=True, stream_options={"include_usage": True})["chunks"]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] == 8
    assert all(chunk.get("usage") is None for chunk in chunks[:-1])


def test_the_six_models_are_listed(client):
    assert set(MODELS) <= set(client.create("models")["models"])
