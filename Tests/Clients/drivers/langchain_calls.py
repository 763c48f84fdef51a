"""What programs do with langchain-openai; prints one JSON object."""

import json
import sys
from typing import Literal

from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel, Field


class Move(BaseModel):
    """Goes somewhere."""

    direction: Literal["north", "south"]
    steps: int = Field(ge=1, le=9)


common = {"base_url": sys.argv[1], "api_key": "none"}
chat = ChatOpenAI(model="gpt-4", temperature=0, max_tokens=12, stream_usage=True, **common)
messages = [("system", "You are a helpful assistant."), ("human", "Tell me a story.")]
whole = chat.invoke(messages)
chunks = list(chat.stream(messages))
model = OpenAI(model="davinci", temperature=0, max_tokens=8, **common)
planner = ChatOpenAI(model="gpt-4", temperature=0, max_tokens=100, **common)
embeddings = OpenAIEmbeddings(model="davinci", check_embedding_ctx_length=False, **common)
print(json.dumps({
    "whole": whole.content,
    "usage": whole.usage_metadata["output_tokens"],
    "streamed": "".join(chunk.content for chunk in chunks),
    "streamed usage": sum(chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata),
    "batch": model.batch(["Once upon a time", "The dog"]),
    "logprobs": len(chat.bind(logprobs=True, top_logprobs=2).invoke(messages).response_metadata["logprobs"]["content"]),
    "object": planner.with_structured_output(Move, method="json_schema").invoke(messages).model_dump(),
    "call": planner.with_structured_output(Move, method="function_calling").invoke(messages).model_dump(),
    "any call": planner.bind_tools([Move], tool_choice="any").invoke(messages).tool_calls[0]["args"],
    "embeddings": [len(vector) for vector in embeddings.embed_documents(["A cat.", "A dog."])],
}))
