"""Turns stories into batches of documents: chat turns, completion prompts or plain text.

A document stands alone in its row, as a request does in the server. Rows of similar length form a batch.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from .recipe import Recipe
from .requests import SYSTEMS, Requests
from .text import END, TURN, TURN_END

IGNORED = -100


@dataclass
class Batch:
    tokens: torch.Tensor  # [rows, length]
    targets: torch.Tensor  # [rows, length]; IGNORED where the loss does not count
    is_token: torch.Tensor  # [rows, length]; false where a row is padded


class Document:
    """Token ids, and for each whether the loss counts it."""

    def __init__(self):
        self.ids: list[int] = []
        self.counts: list[bool] = []

    def add(self, ids: list[int], counts: bool) -> "Document":
        self.ids += ids
        self.counts += [counts] * len(ids)
        return self


class Documents:
    def __init__(self, stories: list[str], tokenizer: Tokenizer, recipe: Recipe):
        self.recipe, self.tokenizer = recipe, tokenizer
        self.stories = [encoding.ids for encoding in tokenizer.encode_batch(stories)]
        # As the stories stand after "AI:".
        self.spaced = [encoding.ids for encoding in tokenizer.encode_batch([" " + story for story in stories])]
        self.requests = Requests(stories)
        self.cache: dict[str, list[int]] = {}

    def batches(self, turn: int) -> list[Batch]:
        """The batches of one pass over the stories, the same whenever it is asked for."""
        draw = random.Random(f"{self.recipe.seed}/{turn}")
        order = list(range(len(self.stories)))
        draw.shuffle(order)
        documents = []
        while order:
            documents.append(self._document(order, draw))
        documents.sort(key=lambda document: len(document.ids))
        batches = list(self._cut(documents))
        draw.shuffle(batches)
        return batches

    def _cut(self, documents: list[Document]) -> Iterator[Batch]:
        """Batches of at most `batch_tokens` positions, the longest documents first."""
        while documents:
            length = min(len(documents[-1].ids), self.recipe.longest + 1) - 1
            rows = max(1, self.recipe.batch_tokens // length)
            yield batch(documents[-rows:], length)
            del documents[-rows:]

    def _document(self, order: list[int], draw: random.Random) -> Document:
        """Takes one to three stories off `order`."""
        count = draw.choices([1, 2, 3], [0.78, 0.16, 0.06])[0]
        chosen = [order.pop() for _ in range(min(count, len(order)))]
        kind = draw.random()
        if kind < self.recipe.chat_share:
            return self._chat(chosen, draw)
        if kind < self.recipe.chat_share + self.recipe.completion_share:
            return self._completion(chosen, draw)
        document = Document().add([END], False)
        for index in chosen:
            document.add(self.stories[index] + [END], True)
        return document

    def _chat(self, chosen: list[int], draw: random.Random) -> Document:
        document, system = Document(), draw.choice(SYSTEMS)
        if system:
            document.add(self._turn("system", system), False)
        for place, index in enumerate(chosen):
            request = self.requests.make(index, draw, again=place > 0)
            document.add(self._turn("user", request) + [TURN] + self._encode("assistant\n"), False)
            document.add(self.stories[index] + [TURN_END], True).add(self._encode("\n"), False)
        return document

    def _completion(self, chosen: list[int], draw: random.Random) -> Document:
        document = Document().add(self._encode("[System: You are a helpful assistant]"), False)
        for place, index in enumerate(chosen):
            request = self.requests.make(index, draw, again=place > 0)
            document.add(self._encode(f"\n\nUser: {request}\n\nAI:"), place > 0).add(self.spaced[index], True)
        return document.add([END], True)

    def _turn(self, role: str, content: str) -> list[int]:
        return [TURN] + self._encode(f"{role}\n{content}") + [TURN_END] + self._encode("\n")

    def _encode(self, text: str) -> list[int]:
        if text not in self.cache:
            self.cache[text] = self.tokenizer.encode(text).ids
        return self.cache[text]


def batch(documents: list[Document], length: int) -> Batch:
    """Rows of `length` positions and the token that follows each."""
    tokens = torch.full((len(documents), length + 1), END)
    counts = torch.zeros(tokens.shape, dtype=torch.bool)
    lengths = torch.tensor([len(document.ids) for document in documents])
    for row, document in enumerate(documents):
        ids = document.ids[:length + 1]
        tokens[row, :len(ids)] = torch.tensor(ids)
        counts[row, :len(ids)] = torch.tensor(document.counts[:length + 1])
    targets = torch.where(counts[:, 1:], tokens[:, 1:], IGNORED)
    return Batch(tokens[:, :-1], targets, torch.arange(length) < lengths[:, None])
