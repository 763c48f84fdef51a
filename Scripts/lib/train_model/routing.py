"""Which tokens reach which expert when each expert has a limited number of slots.

N = tokens, k = experts per token, E = experts, C = slots per expert.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass
class Limits:
    """What keeps an assignment from its expert."""

    factor: float | None = None  # capacity factor; None: every expert takes all
    barred: torch.Tensor | None = None  # [N]: the probability with which each assignment of a token is dropped

    def capacity(self, tokens: int, experts_per_token: int, experts: int) -> int | None:
        if self.factor is None:
            return None
        return math.ceil(self.factor * experts_per_token * tokens / experts)


@dataclass
class Dispatch:
    capacity: int  # C
    token_of_slot: torch.Tensor  # [E * C]; token 0 where a slot is empty, whose result nobody reads
    slot_of_choice: torch.Tensor  # [k * N], choice-major; 0 where dropped
    is_kept: torch.Tensor  # [k * N]


def dispatch(choices: torch.Tensor, experts: int, limits: Limits) -> Dispatch:
    """Gives slots to all first choices in token order, then to all second choices, until experts are full.

    choices: [N, k]
    """
    tokens, experts_per_token = choices.shape
    chosen = choices.T.flatten()  # [k * N]
    wanted = F.one_hot(chosen, experts).int()
    if limits.barred is not None:
        wanted *= (torch.rand(experts_per_token, tokens) >= limits.barred).flatten()[:, None]
    load = wanted.cumsum(0, dtype=torch.int)
    place = (load * wanted).sum(1) - 1  # -1 where barred
    fullest = max(1, int(load[-1].max()))
    capacity = min(limits.capacity(tokens, experts_per_token, experts) or fullest, fullest)
    is_kept = (place >= 0) & (place < capacity)
    slot = torch.where(is_kept, chosen * capacity + place, 0)
    token_of_slot = torch.zeros(experts * capacity, dtype=torch.long)
    token_of_slot[slot[is_kept]] = torch.arange(tokens).repeat(experts_per_token)[is_kept]
    return Dispatch(capacity, token_of_slot, slot, is_kept)
