"""The responses and embeddings of a current openai package; prints one JSON object."""

import json
import sys

from openai import BadRequestError, OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
asked = {"model": "gpt-4", "instructions": "You are a helpful assistant.", "temperature": 0}
whole = client.responses.create(input="Tell me a story.", max_output_tokens=12, **asked)
events = list(client.responses.create(input="Tell me a story.", max_output_tokens=12, stream=True, **asked))
with client.responses.stream(
        input=[{"role": "user", "content": [{"type": "input_text", "text": "Tell me a story."}]}],
        max_output_tokens=12, **asked) as stream:
    gathered = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
try:
    client.responses.create(model="gpt-4", input="More.", previous_response_id="resp_1")
    refused = None
except BadRequestError as error:
    refused = error.code
embeddings = client.embeddings.create(model="gpt-4", input=["A cat.", "A dog."])
print(json.dumps({
    "whole": whole.model_dump(mode="json"), "text": whole.output_text,
    "events": [event.model_dump(mode="json", exclude_none=True) for event in events],
    "gathered": gathered, "refused": refused,
    "embeddings": [len(entry.embedding) for entry in embeddings.data],
}))
