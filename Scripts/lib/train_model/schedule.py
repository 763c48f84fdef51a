"""The optimizers and their rates over the steps: warm-up, constant, then a linear fall."""

import torch

from .model import Decoder
from .muon import Muon
from .recipe import Recipe


class Optimizers:
    """Muon for the matrices, AdamW for the rest."""

    def __init__(self, model: Decoder, recipe: Recipe):
        self.recipe = recipe
        matrices, router, norms = [], [], []
        for name, parameter in model.layers.named_parameters():
            (norms if parameter.ndim == 1 else router if "mlp.gate" in name else matrices).append(parameter)
        norms.append(model.norm.weight)
        self.rest = [parameter for parameter in [model.embed_tokens.weight, *router, *norms]]
        groups = [
            {"params": [model.embed_tokens.weight], "lr": recipe.embedding_rate},
            {"params": router, "lr": recipe.router_rate},
            {"params": norms, "lr": recipe.norm_rate},
        ]
        self.all = [
            Muon(matrices, recipe.matrix_rate, recipe.weight_decay),
            torch.optim.AdamW([group for group in groups if group["params"]], betas=(0.9, 0.95), weight_decay=0.0),
        ]
        self.rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in self.all]

    def step(self, number: int) -> None:
        torch.nn.utils.clip_grad_norm_(self.rest, 1.0)
        factor = rate_factor(number, self.recipe)
        for optimizer, rates in zip(self.all, self.rates):
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad()

    def state(self) -> list[dict]:
        return [optimizer.state_dict() for optimizer in self.all]

    def load(self, states: list[dict]) -> None:
        for optimizer, state in zip(self.all, states):
            for group, current in zip(state["param_groups"], optimizer.param_groups):
                group.update({name: current[name] for name in ("lr", "weight_decay")})
            optimizer.load_state_dict(state)


def rate_factor(step: int, recipe: Recipe) -> float:
    rise = min(1.0, (step + 1) / max(1, recipe.warm_up))
    falling = round(recipe.steps * recipe.decay)
    if falling == 0:
        return rise
    left = min(1.0, (recipe.steps - step) / falling)
    return rise * (recipe.last_rate + (1 - recipe.last_rate) * left)
