"""The decoder: Mixtral's, or Mistral's where there are no experts. Parameters have their Hugging Face names,
but the experts of a layer are stacked, so that one batched product computes them all.

B = rows, T = positions, H = hidden size, F = intermediate size, D = head size. N = tokens (padding left out).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .recipe import Recipe
from .routing import Limits, dispatch

QUERY_BLOCK = 128


@dataclass
class RoutingLoss:
    """Summed over the layers."""

    balance: torch.Tensor
    router_z: torch.Tensor
    dropped: float  # share of the assignments, mean of the layers


class Norm(nn.Module):
    def __init__(self, recipe: Recipe):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(recipe.hidden_size))
        self.epsilon = recipe.norm_epsilon

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.epsilon)


class Attention(nn.Module):
    def __init__(self, recipe: Recipe):
        super().__init__()
        self.recipe = recipe
        width, narrow = recipe.heads * recipe.head_size, recipe.key_value_heads * recipe.head_size
        self.q_proj = nn.Linear(recipe.hidden_size, width, bias=False)
        self.k_proj = nn.Linear(recipe.hidden_size, narrow, bias=False)
        self.v_proj = nn.Linear(recipe.hidden_size, narrow, bias=False)
        self.o_proj = nn.Linear(width, recipe.hidden_size, bias=False)

    def forward(self, x, rotary):  # [B, T, H]
        rows, length, _ = x.shape
        heads, pairs, size = self.recipe.heads, self.recipe.key_value_heads, self.recipe.head_size
        weights = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
        mixed = F.linear(x, weights).view(rows, length, heads + 2 * pairs, size).transpose(1, 2)
        turned = rotate(mixed[:, :heads + pairs], rotary)
        query, key = turned[:, :heads], turned[:, heads:]
        group = heads // pairs
        key, value = (part.repeat_interleave(group, 1) for part in (key, mixed[:, heads + pairs:]))
        attended = attend(query, key, value, self.recipe.window)
        return self.o_proj(attended.transpose(1, 2).reshape(rows, length, heads * size))


def rotary_tables(recipe: Recipe, length: int):
    """Cosines and signed sines, [T, D] each."""
    half = recipe.head_size // 2
    rates = recipe.rope_theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * rates
    sine = angles.sin()
    return torch.cat([angles.cos()] * 2, 1).float(), torch.cat([-sine, sine], 1).float()


def rotate(x, rotary):
    """Turns the pairs (i, i + D/2) of each head; rolling by D/2 brings each value its partner."""
    cosine, sine = rotary
    return torch.addcmul(x * cosine, x.roll(x.size(-1) // 2, -1), sine)


def attend(query, key, value, window: int):
    """Causal attention over the last `window` positions, by blocks of queries, so that keys out of sight cost
    nothing. [B, heads, T, D]"""
    length, results = query.size(2), []
    for start in range(0, length, QUERY_BLOCK):
        stop, first = min(start + QUERY_BLOCK, length), max(0, start - window + 1)
        distance = torch.arange(start, stop)[:, None] - torch.arange(first, stop)
        results.append(F.scaled_dot_product_attention(
            query[:, :, start:stop], key[:, :, first:stop], value[:, :, first:stop],
            attn_mask=(distance >= 0) & (distance < window)))
    return torch.cat(results, 2)


class FeedForward(nn.Module):
    def __init__(self, recipe: Recipe):
        super().__init__()
        self.up = nn.Parameter(torch.empty(2, recipe.intermediate_size, recipe.hidden_size))  # gate_proj, up_proj
        self.down = nn.Parameter(torch.empty(recipe.hidden_size, recipe.intermediate_size))

    def forward(self, x):
        gate, up = F.linear(x, self.up.flatten(0, 1)).chunk(2, -1)
        return F.linear(F.silu(gate) * up, self.down)


class Experts(nn.Module):
    def __init__(self, recipe: Recipe):
        super().__init__()
        self.experts, self.experts_per_token = recipe.experts, recipe.experts_per_token
        self.gate = nn.Linear(recipe.hidden_size, recipe.experts, bias=False)
        self.up = nn.Parameter(torch.empty(recipe.experts, 2, recipe.intermediate_size, recipe.hidden_size))  # w1, w3
        self.down = nn.Parameter(torch.empty(recipe.experts, recipe.hidden_size, recipe.intermediate_size))  # w2

    def forward(self, x, limits: Limits):  # [N, H]
        logits = self.gate(x)  # [N, E]
        best, choices = logits.topk(self.experts_per_token)
        plan = dispatch(choices, self.experts, limits)
        inputs = F.embedding(plan.token_of_slot, x).view(self.experts, plan.capacity, -1)  # [E, C, H]
        gate, up = torch.bmm(inputs, self.up.flatten(1, 2).transpose(1, 2)).chunk(2, -1)  # [E, C, F]
        outputs = torch.bmm(F.silu(gate) * up, self.down.transpose(1, 2)).flatten(0, 1)  # [E * C, H]
        weights = best.softmax(-1).T.flatten() * plan.is_kept  # [k * N]
        chosen = F.embedding(plan.slot_of_choice, outputs) * weights[:, None]
        result = chosen.view(self.experts_per_token, *x.shape).sum(0)
        return result, self.losses(logits, choices, plan)

    def losses(self, logits, choices, plan) -> RoutingLoss:
        share = F.one_hot(choices, self.experts).float().mean((0, 1))
        balance = self.experts * (share * logits.softmax(-1).mean(0)).sum()
        return RoutingLoss(balance, logits.logsumexp(-1).square().mean(), 1 - plan.is_kept.float().mean().item())


class Layer(nn.Module):
    def __init__(self, recipe: Recipe):
        super().__init__()
        self.input_layernorm = Norm(recipe)
        self.self_attn = Attention(recipe)
        self.post_attention_layernorm = Norm(recipe)
        self.mlp = Experts(recipe) if recipe.is_sparse else FeedForward(recipe)
        self.dropout = recipe.dropout

    def forward(self, x, rotary, is_token, limits: Limits):
        x = x + self._thin(self.self_attn(self.input_layernorm(x), rotary))
        tokens = self.post_attention_layernorm(x[is_token])  # [N, H]
        result, loss = self.mlp(tokens, limits) if isinstance(self.mlp, Experts) else (self.mlp(tokens), None)
        return x.masked_scatter(is_token[..., None], x[is_token] + self._thin(result)), loss

    def _thin(self, x):
        return F.dropout(x, self.dropout, self.training) if self.dropout else x


class Decoder(nn.Module):
    def __init__(self, recipe: Recipe, vocabulary: int):
        super().__init__()
        self.recipe = recipe
        self.embed_tokens = nn.Embedding(vocabulary, recipe.hidden_size)
        self.layers = nn.ModuleList(Layer(recipe) for _ in range(recipe.layers))
        self.norm = Norm(recipe)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens, is_token, limits: Limits):
        """The hidden states before the head, [B, T, H], and the routing loss of a sparse model."""
        x, losses = self.embed_tokens(tokens), []
        rotary = rotary_tables(self.recipe, tokens.size(1))
        for layer in self.layers:
            x, loss = layer(x, rotary, is_token, limits)
            losses.append(loss)
        return self.norm(x), total(losses) if self.recipe.is_sparse else None

    def logits(self, hidden):
        return F.linear(hidden, self.embed_tokens.weight)


def total(losses: list[RoutingLoss]) -> RoutingLoss:
    return RoutingLoss(
        sum(loss.balance for loss in losses), sum(loss.router_z for loss in losses),
        sum(loss.dropped for loss in losses) / len(losses))
