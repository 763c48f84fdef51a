"""What programs do with litellm; prints one JSON object."""

import json
import sys

import litellm
from pydantic import BaseModel, Field

litellm.suppress_debug_info = True
base_url = sys.argv[1]
common = {"api_base": base_url, "api_key": "none", "temperature": 0, "max_tokens": 12}
messages = [{"role": "user", "content": "Tell me a story."}]


class Age(BaseModel):
    years: int = Field(ge=1, le=99)


def failure(**arguments) -> str:
    try:
        litellm.completion(**common | arguments, num_retries=0)
    except Exception as error:
        return type(error).__name__
    return "none"


whole = litellm.completion(model="openai/gpt-4", messages=messages, **common)
chunks = list(litellm.completion(
    model="openai/gpt-4", messages=messages, stream=True, stream_options={"include_usage": True}, **common))
text = litellm.text_completion(model="text-completion-openai/davinci", prompt="Once upon a time", **common)
embedding = litellm.embedding(
    model="openai/davinci", input=["A cat.", "A dog."], api_base=base_url, api_key="none")
shaped = litellm.completion(model="openai/gpt-4", messages=messages, response_format=Age, allowed_openai_params=["response_format"], **common)
print(json.dumps({
    "object": json.loads(shaped.choices[0].message.content),
    "whole": whole.choices[0].message.content,
    "usage": whole.usage.completion_tokens,
    "streamed": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
    "text": text.choices[0].text,
    "embeddings": [len(entry["embedding"]) for entry in embedding.data],
    "unknown": failure(model="openai/none-such", messages=messages),
    "long": failure(model="openai/gpt-4", messages=[{"role": "user", "content": "story " * 30000}]),
}))
