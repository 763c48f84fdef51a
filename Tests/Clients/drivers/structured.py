"""Asks for objects and calls with openai 1 and newer, as its helpers do; prints one JSON object."""

import json
import sys
from typing import Literal

import openai
from pydantic import BaseModel, Field


class Person(BaseModel):
    """Somebody in a story."""

    name: str = Field(max_length=12)
    age: int = Field(ge=1, le=99)
    friends: list[Literal["cat", "dog", "bird"]] = Field(max_length=2)


class Move(BaseModel):
    """Goes somewhere."""

    direction: Literal["north", "south"]
    steps: int = Field(ge=1, le=9)


class Wait(BaseModel):
    """Stays where it is."""

    minutes: int = Field(ge=1, le=60)


client = openai.OpenAI(base_url=sys.argv[1], api_key="unused", max_retries=0)
common = {
    "model": "gpt-4", "messages": [{"role": "user", "content": "Tell me a story."}], "temperature": 0,
    "max_completion_tokens": 200,
}
parsed = client.chat.completions.parse(response_format=Person, **common).choices[0]
with client.beta.chat.completions.stream(response_format=Person, **common) as stream:
    for _ in stream:
        pass
    streamed = stream.get_final_completion().choices[0]

tools = [openai.pydantic_function_tool(Move), openai.pydantic_function_tool(Wait)]
required = client.chat.completions.parse(tools=tools, tool_choice="required", **common).choices[0]
with client.beta.chat.completions.stream(tools=tools, tool_choice="required", **common) as stream:
    for _ in stream:
        pass
    called = stream.get_final_completion().choices[0]
named = client.chat.completions.create(
    tools=tools, tool_choice={"type": "function", "function": {"name": "Wait"}}, n=2, **common)
call = required.message.tool_calls[0]
answered = client.chat.completions.create(
    **{**common, "messages": common["messages"] + [
        required.message.model_dump(exclude={"tool_calls": {0: {"function": {"parsed_arguments"}}}}),
        {"role": "tool", "tool_call_id": call.id, "content": "done"}]}, tools=tools)
response = client.responses.parse(
    model="gpt-4", input="Tell me a story.", temperature=0, text_format=Person, max_output_tokens=200)
print(json.dumps({
    "parsed": parsed.message.parsed.model_dump(), "finish": parsed.finish_reason,
    "streamed": streamed.message.parsed.model_dump(),
    "call": [call.function.name, call.function.parsed_arguments.model_dump()],
    "call's id": call.id, "call's finish": required.finish_reason,
    "streamed call": [called.message.tool_calls[0].function.name, json.loads(called.message.tool_calls[0].function.arguments)],
    "streamed call's id": called.message.tool_calls[0].id, "streamed call's finish": called.finish_reason,
    "content": required.message.content,
    "named": [[choice.message.tool_calls[0].function.name, json.loads(choice.message.tool_calls[0].function.arguments)]
              for choice in named.choices],
    "named's finish": [choice.finish_reason for choice in named.choices],
    "answered": answered.choices[0].message.content,
    "response": response.output_parsed.model_dump(),
}))
