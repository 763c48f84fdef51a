"""Errors reach each generation of the openai package as the exception that its programs catch."""

from dataclasses import dataclass

import pytest


@dataclass
class Refusal:
    """A call that must fail, and how."""

    call: dict
    status: int
    legacy_class: str
    modern_class: str
    param: str | None
    code: str | None
    says: str


CHAT = {"method": "chat", "model": "gpt-4", "messages": [{"role": "user", "content": "hi"}]}
COMPLETION = {"method": "completion", "model": "davinci", "prompt": "hi"}

REFUSALS = {
    "unknown model": Refusal(
        {**CHAT, "model": "gpt-5"}, 404, "InvalidRequestError", "NotFoundError", "model", "model_not_found", "gpt-5"),
    "unknown isolation suffix": Refusal(
        {**CHAT, "model": "gpt-4:sometimes"}, 404, "InvalidRequestError", "NotFoundError", "model",
        "model_not_found", "gpt-4:sometimes"),
    "token id above the maximum": Refusal(
        {**CHAT, "logit_bias": {"100265": -100}}, 400, "InvalidRequestError", "BadRequestError", "logit_bias", None,
        "Invalid key in 'logit_bias': 100265. Maximum value is 100257."),
    "bias above 100": Refusal(
        {**CHAT, "logit_bias": {"1": 101}}, 400, "InvalidRequestError", "BadRequestError", "logit_bias",
        "invalid_value", "between -100 and 100"),
    "temperature above 2": Refusal(
        {**CHAT, "temperature": 2.5}, 400, "InvalidRequestError", "BadRequestError", "temperature",
        "invalid_value", "between 0.0 and 2.0"),
    "no tokens": Refusal(
        {**CHAT, "max_tokens": 0}, 400, "InvalidRequestError", "BadRequestError", "max_tokens",
        "invalid_value", "1 or more"),
    "too long": Refusal(
        {**COMPLETION, "prompt": "Once upon a time. " * 4000}, 400, "InvalidRequestError", "BadRequestError", None,
        "context_length_exceeded", "maximum context length"),
    "chat model asked for a completion": Refusal(
        {**COMPLETION, "model": "gpt-4"}, 404, "InvalidRequestError", "NotFoundError", "model", None,
        "v1/chat/completions"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_arrives_as_the_right_exception(client, name):
    refusal = REFUSALS[name]
    error = client.create(**refusal.call)["error"]
    assert error["class"] == (refusal.legacy_class if client.is_legacy else refusal.modern_class)
    assert error["status"] == refusal.status
    assert error["type"] == "invalid_request_error"
    assert error["code"] == refusal.code
    assert refusal.says in error["message"]
    if refusal.param is not None:
        assert error["param"] == refusal.param
    # The legacy client looks for another header than the API sends.
    assert client.is_legacy or error["request_id"]


def test_a_stream_is_refused_before_it_begins(client):
    error = client.create(**{**CHAT, "model": "gpt-5", "stream": True})["error"]
    assert error["status"] == 404
