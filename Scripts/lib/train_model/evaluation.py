"""Held-out loss: nats per token over plain stories, with and without capacity limits."""

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from .model import Decoder
from .routing import Limits
from .text import END

LONGEST = 511
CAPACITY_FACTORS = (None, 1.5, 1.25, 1.0, 0.75, 0.5)


def held_out_ids(stories: list[str], tokenizer: Tokenizer) -> list[list[int]]:
    return [[END] + encoding.ids[:LONGEST] for encoding in tokenizer.encode_batch(stories)]


@torch.no_grad()
def held_out(model: Decoder, documents: list[list[int]], factor: float | None = None) -> tuple[float, float]:
    """The mean loss and the share of dropped assignments. Each story is one routing group."""
    model.eval()
    total = dropped = count = 0
    for ids in documents:
        tokens = torch.tensor([ids])
        hidden, routing = model(tokens, torch.ones_like(tokens, dtype=torch.bool), Limits(factor))
        total += F.cross_entropy(model.logits(hidden[0, :-1]), tokens[0, 1:], reduction="sum").item()
        dropped += routing.dropped * len(ids) if routing else 0
        count += len(ids) - 1
    return total / count, dropped / (count + len(documents))


def by_capacity(model: Decoder, documents: list[list[int]]) -> dict[float | None, tuple[float, float]]:
    factors = CAPACITY_FACTORS if model.recipe.is_sparse else (None,)
    return {factor: held_out(model, documents, factor) for factor in factors}
