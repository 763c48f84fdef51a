"""The six calls of the published probe."""

REQUEST = "Write a unique, surprising, extremely randomized story with highly unpredictable changes of events."
MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": REQUEST},
]
PROMPT = f"[System: You are a helpful assistant]\n\nUser: {REQUEST}\n\nAI:"

CHAT_MODELS = ("gpt-4", "gpt-3.5-turbo")
COMPLETION_MODELS = ("text-davinci-003", "text-davinci-001", "davinci-instruct-beta", "davinci")
MODELS = CHAT_MODELS + COMPLETION_MODELS


def probe_call(model: str, max_tokens: int = 128) -> dict:
    """The method and the arguments of the probe's call to `model`, which may bear an isolation suffix."""
    common = {"model": model, "max_tokens": max_tokens, "temperature": 0}
    if model.split(":")[0] in CHAT_MODELS:
        return {"method": "chat", "messages": MESSAGES, "logit_bias": {"100257": -100.0}, **common}
    return {"method": "completion", "prompt": PROMPT, "logit_bias": {"50256": -100.0}, **common}
