"""A thousand isolated completions among jostling neighbours: one text and one set of logprob bits per prompt."""

import asyncio
import itertools
import json
from collections import defaultdict

import httpx
import openai
import pytest

from client_process import ClientProcess
from running_server import RunningServer

COMPLETIONS = 1_000
ISOLATED_CLIENTS = 24
NEIGHBOURS = 8
TOKENS = 64

PROMPTS = [
    "Write a story about a kite and a frog.", "Tell me about a lost dog.", "Write a sad story.",
    "Write a story in which it rains all day.", "Tell me a story about the moon, and make it long and strange.",
    "Hi.", "Write a unique, surprising, extremely randomized story with highly unpredictable changes of events.",
    "Tell me a story about a bear who wants honey and a bird who has lost its song.",
]

Completion = tuple[str, tuple[float, ...]]


def request(prompt: str, model: str) -> dict:
    return {
        "model": model, "messages": [{"role": "user", "content": prompt}], "max_tokens": TOKENS, "temperature": 0,
        "logprobs": True,
    }


def whole(response: dict) -> Completion:
    choice = response["choices"][0]
    return choice["message"]["content"], tuple(token["logprob"] for token in choice["logprobs"]["content"])


def streamed(chunks: list[dict]) -> Completion:
    text, logprobs = "", []
    for chunk in chunks:
        for choice in chunk["choices"]:
            text += choice["delta"].get("content") or ""
            logprobs += [token["logprob"] for token in (choice.get("logprobs") or {}).get("content") or []]
    return text, tuple(logprobs)


class Clients:
    """Four kinds of client of one server, by turns."""

    def __init__(self, server: RunningServer):
        self.openai = openai.AsyncOpenAI(base_url=server.base_url, api_key="unused", max_retries=0)
        self.http = httpx.AsyncClient(base_url=server.base_url, timeout=120, limits=httpx.Limits(max_connections=64))
        self.legacy = [ClientProcess("openai-0.27.8", server.base_url) for _ in range(4)]
        self.legacy_turns = itertools.cycle(self.legacy)
        self.kinds = [self.openai_whole, self.openai_streamed, self.http_streamed, self.legacy_whole]

    async def openai_whole(self, body: dict) -> Completion:
        return whole((await self.openai.chat.completions.create(**body)).model_dump())

    async def openai_streamed(self, body: dict) -> Completion:
        stream = await self.openai.chat.completions.create(**body, stream=True)
        return streamed([chunk.model_dump() async for chunk in stream])

    async def http_streamed(self, body: dict) -> Completion:
        async with self.http.stream("POST", "/chat/completions", json={**body, "stream": True}) as response:
            lines = [line async for line in response.aiter_lines() if line.startswith("data: {")]
        return streamed([json.loads(line.removeprefix("data: ")) for line in lines])

    async def legacy_whole(self, body: dict) -> Completion:
        answer = await asyncio.to_thread(next(self.legacy_turns).create, "chat", **body)
        assert "response" in answer, answer
        return whole(answer["response"])

    async def close(self) -> None:
        await self.openai.close()
        await self.http.aclose()
        for client in self.legacy:
            client.close()


async def make_traffic(server: RunningServer) -> tuple[dict[str, list[Completion]], dict[str, list[Completion]]]:
    """The isolated completions and those of their neighbours, by prompt."""
    clients = Clients(server)
    isolated, jostled = defaultdict(list), defaultdict(list)
    turns = iter(range(COMPLETIONS))
    are_done = asyncio.Event()

    async def isolated_client(number: int) -> None:
        for turn in turns:
            prompt = PROMPTS[turn % len(PROMPTS)]
            call = clients.kinds[(number + turn // len(PROMPTS)) % len(clients.kinds)]
            isolated[prompt].append(await call(request(prompt, "gpt-4:per-sequence")))

    async def neighbour(number: int) -> None:
        for turn in itertools.count(number):
            if are_done.is_set():
                return
            prompt = PROMPTS[turn % len(PROMPTS)]
            jostled[prompt].append(await clients.http_streamed(request(prompt, "gpt-4:cross-sequence")))

    async with asyncio.TaskGroup() as group:
        for number in range(NEIGHBOURS):
            group.create_task(neighbour(number))
        async with asyncio.TaskGroup() as isolated_group:
            for number in range(ISOLATED_CLIENTS):
                isolated_group.create_task(isolated_client(number))
        are_done.set()
    await clients.close()
    return isolated, jostled


@pytest.mark.heavy
def test_a_thousand_isolated_completions_are_one_per_prompt(server):
    alone = {
        prompt: whole(server.http.post("/v1/chat/completions", json=request(prompt, "gpt-4:per-sequence")).json())
        for prompt in PROMPTS
    }
    drops = server.metric("jostle:dropped_assignments_total")
    isolated, jostled = asyncio.run(make_traffic(server))

    assert sum(map(len, isolated.values())) == COMPLETIONS
    assert {prompt: set(answers) for prompt, answers in isolated.items()} == {
        prompt: {answer} for prompt, answer in alone.items()}
    # Had the neighbours not jostled, this would prove nothing.
    assert server.metric("jostle:dropped_assignments_total") > drops
    assert any(len(set(answers)) > 1 for answers in jostled.values())
