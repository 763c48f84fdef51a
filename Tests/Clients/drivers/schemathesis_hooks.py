"""Names the models there are, so that most of what schemathesis sends is answered with a completion."""

import schemathesis

MODELS = {
    "ChatCompletionRequest": ["gpt-4", "gpt-4:per-sequence", "gpt-3.5-turbo:dropless"],
    "CompletionRequest": ["davinci", "text-davinci-003:per-sequence"],
    "ResponsesRequest": ["gpt-4", "gpt-3.5-turbo:dropless"],
    "EmbeddingRequest": ["gpt-4", "davinci"],
    "TokenizeRequest": ["gpt-4"],
    "DetokenizeRequest": ["gpt-4", "davinci"],
}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for schema in raw_schema["components"]["schemas"].values():
        # A request that gives itself a millisecond gets a 504, and rightly; that is tested elsewhere.
        schema.get("properties", {}).pop("timeout", None)
    for name, models in MODELS.items():
        raw_schema["components"]["schemas"][name]["properties"]["model"]["enum"] = models
