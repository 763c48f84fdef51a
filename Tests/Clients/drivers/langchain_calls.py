"""What programs do with langchain-openai; prints one JSON object."""

import json
import sys

from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings

common = {"base_url": sys.argv[1], "api_key": "none"}
chat = ChatOpenAI(model="gpt-4", temperature=0, max_tokens=12, stream_usage=True, **common)
messages = [("system", "You are a helpful assistant."), ("human", "Tell me a story.")]
whole = chat.invoke(messages)
chunks = list(chat.stream(messages))
model = OpenAI(model="davinci", temperature=0, max_tokens=8, **common)
embeddings = OpenAIEmbeddings(model="davinci", check_embedding_ctx_length=False, **common)
print(json.dumps({
    "whole": whole.content,
    "usage": whole.usage_metadata["output_tokens"],
    "streamed": "".join(chunk.content for chunk in chunks),
    "streamed usage": sum(chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata),
    "batch": model.batch(["Once upon a time", "The dog"]),
    "logprobs": len(chat.bind(logprobs=True, top_logprobs=2).invoke(messages).response_metadata["logprobs"]["content"]),
    "embeddings": [len(vector) for vector in embeddings.embed_documents(["A cat.", "A dog."])],
}))
